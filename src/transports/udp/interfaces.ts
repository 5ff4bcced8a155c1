import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isIPv6 } from '../../address.ts'
import { SockctlError } from '../../errors.ts'

/** A network interface that is up, with its addresses. */
export interface LocalInterface {
  /** As the system calls it: `lo`, `eth0`. */
  readonly name: string
  readonly ipv4: readonly string[]
  /** Link-local ones carry their zone: `fe80::1%eth0`. */
  readonly ipv6: readonly string[]
}

/** What `os.networkInterfaces()` returns. */
type SystemInterfaces = ReturnType<typeof networkInterfaces>

/** The interfaces that are up and have an address, in the system's order. */
export function localInterfaces(
  system: SystemInterfaces = networkInterfaces(),
): readonly LocalInterface[] {
  return Object.entries(system).map(([name, addresses = []]) => ({
    name,
    ipv4: addresses.filter(one => one.family === 'IPv4').map(one => one.address),
    ipv6: addresses
      .filter(one => one.family === 'IPv6')
      .map(one => (one.scopeid === 0 ? one.address : `${one.address}%${name}`)),
  }))
}

/**
 * Finds an interface by its name or by one of its addresses.
 *
 * @throws ERR_NOT_FOUND, naming those that there are
 */
export function findInterface(
  nameOrAddress: string,
  interfaces: readonly LocalInterface[] = localInterfaces(),
): LocalInterface {
  const found = interfaces.find(one => one.name === nameOrAddress || hasAddress(one, nameOrAddress))
  if (found !== undefined) return found
  const what = isIP(nameOrAddress) === 0 ? 'no interface' : 'no interface has the address'
  throw new SockctlError('ERR_NOT_FOUND', `${what} "${nameOrAddress}"`, {
    hints: [`There are ${interfaces.map(one => one.name).join(', ') || 'none'}.`],
  })
}

function hasAddress({ ipv4, ipv6 }: LocalInterface, address: string): boolean {
  if (!isIPv6(address)) return ipv4.includes(address)
  return ipv6.some(one => one === address || one.replace(/%.*/, '') === address)
}
