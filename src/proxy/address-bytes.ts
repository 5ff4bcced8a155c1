import { inetAddress } from '../address.ts'

/** The four bytes of a literal IPv4 address. */
export function ipv4Bytes(host: string): Buffer {
  return Buffer.from(host.split('.').map(Number))
}

/** The other way round. */
export function ipv4Text(bytes: Uint8Array): string {
  return bytes.join('.')
}

/** The sixteen bytes of a literal IPv6 address, in any of its spellings; a zone is left out. */
export function ipv6Bytes(host: string): Buffer {
  const literal = host.replace(/%.*$/, '').replace(/\d+\.\d+\.\d+\.\d+$/, v4 => {
    const bytes = ipv4Bytes(v4)
    return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`
  })
  const [head = '', tail] = literal.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...before, ...zeros, ...after].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  }
  return bytes
}

/** The other way round, as people write it (RFC 5952); an IPv4 address in it is one again. */
export function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  const isMapped = groups.slice(0, 5).every(one => one === '0') && groups[5] === 'ffff'
  if (isMapped) return ipv4Text(bytes.subarray(12))
  // What URL makes of a literal is the shortest form.
  return inetAddress(new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), 0).host
}
