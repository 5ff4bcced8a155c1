import { inetAddress } from '../address.ts'
import * as ip from '../ip-bytes.ts'

/** The four bytes of a literal IPv4 address. */
export function ipv4Bytes(host: string): Buffer {
  return Buffer.from(host.split('.').map(Number))
}

/** The other way round. */
export function ipv4Text(bytes: Buffer): string {
  return ip.ipv4Text(viewOf(bytes), 0)
}

/** The sixteen bytes of a literal IPv6 address, in any of its spellings; a zone is left out. */
export function ipv6Bytes(host: string): Buffer {
  const bytes = ip.ipv6Bytes(host.replace(/%.*$/, ''))
  if (bytes === undefined) throw new Error(`not a literal IPv6 address: ${host}`)
  return Buffer.from(bytes)
}

/** The other way round, as people write it (RFC 5952); an IPv4 address in it is one again. */
export function ipv6Text(bytes: Buffer): string {
  return inetAddress(ip.ipv6Text(viewOf(bytes), 0), 0).host
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
