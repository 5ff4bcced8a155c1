/** Writes the address of a family at `offset`. */
export type HostReader = (family: 'ipv4' | 'ipv6', bytes: DataView, offset: number) => string

/** Addresses that a reader remembers: tables have many sockets of few hosts. */
const MOST_REMEMBERED = 4096

/** Makes a function that writes the addresses of a table, and remembers those it has written. */
export function hostReader(): HostReader {
  const texts = new Map<number, string>()
  return (family, bytes, offset) => {
    if (family === 'ipv6') return ipv6Text(bytes, offset)
    const host = bytes.getUint32(offset)
    let text = texts.get(host)
    if (text === undefined) {
      text = ipv4Text(bytes, offset)
      if (texts.size < MOST_REMEMBERED) texts.set(host, text)
    }
    return text
  }
}

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
  const groups = Array.from({ length: 8 }, (_, i) => bytes.getUint16(offset + 2 * i))
  const gap = longestZeros(groups)
  if (gap.start === 0 && gap.length === 5 && groups[5] === 0xffff) {
    return `::ffff:${ipv4Text(bytes, offset + 12)}`
  }
  const words = groups.map(group => group.toString(16))
  if (gap.length < 2) return words.join(':')
  const head = words.slice(0, gap.start).join(':')
  return `${head}::${words.slice(gap.start + gap.length).join(':')}`
}

/** The run of zeros that `::` stands for: the longest, and the first of equals. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: i - length + 1, length }
  }
  return best
}
