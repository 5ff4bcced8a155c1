import { isIPv6 } from './address.ts'

/** Writes the four bytes at `offset` as an IPv4 address: `127.0.0.1`. */
export function ipv4Text(bytes: DataView, offset: number): string {
  const second = bytes.getUint8(offset + 1)
  const third = bytes.getUint8(offset + 2)
  return `${bytes.getUint8(offset)}.${second}.${third}.${bytes.getUint8(offset + 3)}`
}

/**
 * Writes the sixteen bytes at `offset` as an IPv6 address in its one canonical form (RFC 5952):
 * `2001:db8::1`. IPv4-mapped addresses end in dots: `::ffff:127.0.0.1`.
 */
export function ipv6Text(bytes: DataView, offset: number): string {
  if (isMapped(bytes, offset)) return `::ffff:${ipv4Text(bytes, offset + 12)}`
  const gap = longestZeros(bytes, offset)
  let text = ''
  for (let group = 0; group < 8; group++) {
    if (group === gap.start) text += '::'
    if (group >= gap.start && group < gap.end) continue
    const separator = group === 0 || group === gap.end ? '' : ':'
    text += separator + bytes.getUint16(offset + 2 * group).toString(16)
  }
  return text
}

/**
 * The sixteen bytes of an IPv6 address that is written in any of the ways of RFC 4291 §2.2.
 * Undefined for what is none, and for one with a zone (`%eth0`), which is no part of it.
 */
export function ipv6Bytes(text: string): number[] | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  const [, start = '', ...tail] = dotted ?? []
  const head = dotted === null ? text : `${start}0:0`
  const [left = '', right] = head.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))
  const before = groups(left)
  const after = groups(right ?? '')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => 0)
  const bytes = [...before, ...zeros, ...after].flatMap(group => [group >> 8, group & 0xff])
  return [...bytes.slice(0, 16 - tail.length), ...tail.map(Number)]
}

/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
function isMapped(bytes: DataView, offset: number): boolean {
  return (
    bytes.getUint32(offset + 8) === 0xffff &&
    bytes.getUint32(offset + 4) === 0 &&
    bytes.getUint32(offset) === 0
  )
}

/** The zeros that `::` stands for: the longest run of two or more groups, the first of equals. */
function longestZeros(bytes: DataView, offset: number): { start: number; end: number } {
  let start = 8
  let end = 8
  let length = 0
  for (let group = 0; group < 8; group++) {
    length = bytes.getUint16(offset + 2 * group) === 0 ? length + 1 : 0
    if (length < 2 || length <= end - start) continue
    end = group + 1
    start = end - length
  }
  return { start, end }
}
