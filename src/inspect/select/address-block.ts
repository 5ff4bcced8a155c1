import { ipv6Bytes, ipv6Text } from '../../ip-bytes.ts'
import type { AddressBlock, IpFamily } from './expression.ts'
import { parseInteger } from './port-value.ts'

/**
 * Reads an address block as ss(8) does: `10.0.0.0/8`, `127/8`, `10.1.2.3/255.255.0.0`, `0x7f.1`,
 * `::1/128`. IPv4 addresses may be cut short at their end, where zeros are meant.
 *
 * @returns undefined for what is no address
 */
export function parseBlock(text: string): AddressBlock | undefined {
  const [, address = '', , mask] = /^([^/]*)(\/(.*))?$/s.exec(text) ?? []
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  const bytes = family === 'ipv6' ? ipv6Bytes(address) : shortIpv4Bytes(address)
  if (bytes === undefined) return undefined
  const most = 8 * bytes.length
  const prefixBits = mask === undefined ? most : parseMask(mask)
  if (prefixBits === undefined || prefixBits > most) return undefined
  return { family, bytes, prefixBits }
}

/** Whether the address begins with the bits of the block; the lengths have to be the same. */
export function isInBlock(
  address: ArrayLike<number>,
  { bytes, prefixBits }: AddressBlock,
): boolean {
  const whole = prefixBits >> 3
  for (let i = 0; i < whole; i++) if (address[i] !== bytes[i]) return false
  const shift = 8 - (prefixBits & 7)
  return shift === 8 || (address[whole] ?? 0) >> shift === (bytes[whole] ?? 0) >> shift
}

/** The bytes of a literal address, as records have them; a zone (`%eth0`) is left out. */
export function addressBytes(family: IpFamily, host: string): readonly number[] | undefined {
  return family === 'ipv6' ? ipv6Bytes(host.replace(/%.*$/, '')) : shortIpv4Bytes(host)
}

/** Writes a block as `parseBlock` reads it. */
export function formatBlock({ family, bytes, prefixBits }: AddressBlock): string {
  const address =
    family === 'ipv4' ? bytes.join('.') : ipv6Text(new DataView(Uint8Array.from(bytes).buffer), 0)
  return prefixBits === 8 * bytes.length ? address : `${address}/${prefixBits}`
}

function shortIpv4Bytes(text: string): number[] | undefined {
  const parts = text.split('.').map(parseInteger)
  if (parts.length > 4) return undefined
  const bytes = parts.filter(part => part !== undefined && part <= 255) as number[]
  return bytes.length === parts.length ? [...bytes, 0, 0, 0, 0].slice(0, 4) : undefined
}

function parseMask(text: string): number | undefined {
  if (!text.includes('.')) return parseInteger(text)
  const bytes = shortIpv4Bytes(text)
  if (bytes === undefined) return undefined
  const bits = bytes.map(byte => byte.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}
