import { isIP } from 'node:net'
import { type InetAddress, inetAddress } from '../address.ts'
import { SockctlError, systemError } from '../errors.ts'
import type { DialOptions } from './types.ts'

/**
 * The literal addresses of a host, in the order to try them. `localhost`, whatever the resolver
 * says of it, is both loopbacks (RFC 6761 §6.3): a server may stand on either.
 *
 * @throws ERR_NOT_FOUND when the name has no address (of the wanted family)
 */
export async function resolveHost(
  host: string,
  port: number,
  options: Pick<DialOptions, 'family' | 'numeric'>,
): Promise<readonly InetAddress[]> {
  const { family, numeric } = options
  const hosts = isLocalhost(host) ? ['::1', '127.0.0.1'] : await literals(host, family, numeric)
  const wanted = family === undefined ? undefined : (`ipv${family}` as const)
  const addresses = hosts
    .map(one => inetAddress(one, port))
    .filter(address => wanted === undefined || address.family === wanted)
  if (addresses.length === 0) {
    throw new SockctlError('ERR_NOT_FOUND', `${host} has no IPv${family} address`)
  }
  return interleave(addresses)
}

/** `localhost` and the names below it. */
export function isLocalhost(host: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(host)
}

async function literals(
  host: string,
  family: 4 | 6 | undefined,
  numeric: boolean | undefined,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  if (numeric === true) {
    throw new SockctlError(
      'ERR_NOT_FOUND',
      `${host} is not an IP address, and -n asks for no look-ups`,
    )
  }
  try {
    const { lookup } = await import('node:dns/promises')
    const found = await lookup(host, { all: true, family: family ?? 0 })
    return found.map(one => one.address)
  } catch (error) {
    throw systemError(`cannot look up ${host}`, error)
  }
}

/** Takes turns between the families, starting with the resolver's favourite (RFC 8305 §4). */
function interleave(addresses: readonly InetAddress[]): readonly InetAddress[] {
  const first = addresses.filter(one => one.family === addresses[0]?.family)
  const second = addresses.filter(one => one.family !== addresses[0]?.family)
  return first
    .flatMap((one, index) => [one, second[index]])
    .concat(second.slice(first.length))
    .filter(one => one !== undefined)
}
