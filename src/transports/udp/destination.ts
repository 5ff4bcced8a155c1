import { type InetAddress, isIPv6, isLoopback, isMulticast } from '../../address.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { SockctlError, usageError } from '../../errors.ts'
import { isLocalhost, resolveHost } from '../resolve.ts'
import { isPerInterface } from './group.ts'
import { findInterface, type LocalInterface, localInterfaces } from './interfaces.ts'
import { ambiguousHost, findZone, isLinkLocal, withZone } from './zone.ts'

/** One literal address to send to. */
export interface Destination {
  readonly address: InetAddress
  /** One peer, all members of a multicast group, or everybody on a network. */
  readonly kind: 'peer' | 'group' | 'broadcast'
  /** Where a group's or everybody's datagrams leave; undefined: where the routes say. */
  readonly interface: LocalInterface | undefined
}

/** One at least; the others are for when nobody is there. */
export type Destinations = readonly [Destination, ...Destination[]]

export interface DestinationOptions {
  readonly family?: 4 | 6 | undefined
  /** Hosts are literals: names are not looked up. */
  readonly numeric?: boolean | undefined
  /** The address to send from; only destinations of its family remain. */
  readonly localHost?: string | undefined
  readonly broadcast?: boolean | undefined
  /** By name or address. */
  readonly interface?: string | undefined
}

/**
 * The addresses that an endpoint may mean, in the order to try them: `localhost` is 127.0.0.1 and,
 * where nobody is there, ::1.
 *
 * @throws ERR_NOT_FOUND when the host or interface is not known; ERR_USAGE on what cannot be
 */
export async function destinationsOf(
  endpoint: InetEndpoint,
  options: DestinationOptions,
): Promise<Destinations> {
  const { host = 'localhost', port } = endpoint
  if (port === 0) throw usageError('port 0 stands for any: nothing can be sent there')
  const on = options.interface === undefined ? undefined : findInterface(options.interface)
  // IPv6 has no broadcast; ff02::1 is its everybody.
  const family = options.broadcast === true ? 4 : options.family
  const found = await resolveHost(host, port, { family, numeric: options.numeric })
  // Most servers for datagrams know IPv4 alone; the resolver's order is right for all other names.
  const ordered = isLocalhost(host) ? found.toReversed() : found
  const { localHost } = options
  const usable = ordered.filter(
    one => localHost === undefined || isIPv6(one.host) === isIPv6(localHost),
  )
  const [first, ...others] = usable.map(address => toDestination(address, on, options))
  if (first === undefined) {
    throw new SockctlError('ERR_NOT_FOUND', `${host} has no address of the family of ${localHost}`)
  }
  return [first, ...others]
}

function toDestination(
  address: InetAddress,
  on: LocalInterface | undefined,
  options: DestinationOptions,
): Destination {
  const { host } = address
  if (isMulticast(host)) return { address, kind: 'group', interface: groupInterface(host, on) }
  if (options.broadcast === true) return { address, kind: 'broadcast', interface: on }
  if (host === '255.255.255.255') {
    throw usageError(`${host} is everybody on the network`, 'If that is meant, add -b.')
  }
  if (isLinkLocal(host)) {
    const zoned = { ...address, host: withZone(host, on) }
    return { address: zoned, kind: 'peer', interface: undefined }
  }
  if (on === undefined) return { address, kind: 'peer', interface: undefined }
  throw usageError(
    `--interface is for groups, broadcast and link-local addresses, not for ${host}`,
    'To choose the address to send from: -s',
  )
}

/** The interface that a group's datagrams leave by; undefined where the routes know it. */
function groupInterface(group: string, on: LocalInterface | undefined): LocalInterface | undefined {
  const zone = findZone(group)
  const chosen = on ?? (zone === undefined ? undefined : findInterface(zone))
  if (chosen === undefined && isPerInterface(group)) return onlyInterface(group)
  const family = isIPv6(group) ? 'ipv6' : 'ipv4'
  if (chosen !== undefined && chosen[family].length === 0) {
    throw new SockctlError('ERR_NOT_FOUND', `${chosen.name} has no ${family} address to send from`)
  }
  return chosen
}

/** The one interface that leads out of this machine, if there is only one. */
function onlyInterface(group: string): LocalInterface {
  const outward = localInterfaces().filter(one => one.ipv6.some(address => !isLoopback(address)))
  const [first] = outward
  if (first !== undefined && outward.length === 1) return first
  throw ambiguousHost(group)
}
