import { inetAddress, isIPv6 } from '../address.ts'
import { ipv6Text } from '../ip-bytes.ts'
import { addressBytes } from './select/address-block.ts'

/**
 * Writes a literal address in the one form in which records have it, so that texts can be compared:
 * `::1` for `0:0:0:0:0:0:0:1` (RFC 5952), `127.0.0.1` for `::ffff:127.0.0.1`. A zone stays as it is.
 *
 * @returns undefined for what is no whole address: `127.1`, `999.0.0.1`, a name
 */
export function canonicalHost(text: string): string | undefined {
  if (IPV4.test(text)) return text
  const { address, zone } = splitZone(text)
  if (!isIPv6(address)) return undefined
  const bytes = Uint8Array.from(addressBytes('ipv6', address) ?? [])
  const { host } = inetAddress(ipv6Text(new DataView(bytes.buffer), 0), 0)
  return zone === undefined ? host : `${host}%${zone}`
}

/** Four numbers without zeros in front, which some read as octal. */
const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/

/** Parts an address from its zone, the interface that it belongs to (RFC 4007 §11). */
export function splitZone(host: string): {
  readonly address: string
  readonly zone: string | undefined
} {
  const at = host.indexOf('%')
  return at < 0
    ? { address: host, zone: undefined }
    : { address: host.slice(0, at), zone: host.slice(at + 1) }
}

/** Whether an address is only unique beside its interface: fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(host: string): boolean {
  return /^fe[89ab][\da-f]:/i.test(host)
}
