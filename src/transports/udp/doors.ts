import { isIPv6, isLoopback, isMulticast, isWildcard } from '../../address.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { SockctlError, usageError } from '../../errors.ts'
import { isLocalhost, resolveHost } from '../resolve.ts'
import { isPerInterface } from './group.ts'
import { findInterface, type LocalInterface, localInterfaces } from './interfaces.ts'
import { findZone, isLinkLocal, withZone } from './zone.ts'

/** One address to bind: an endpoint may need several. */
export interface Door {
  /** A literal. */
  readonly host: string
  readonly ipv6Only: boolean
  /** Where the address is a group's: what to join, and where. */
  readonly group?: { readonly address: string; readonly interfaces: readonly LocalInterface[] }
  /** Whether others than this machine's own processes can send to it. */
  readonly isExposed: boolean
}

export interface DoorOptions {
  /** An endpoint without a host stands on every interface, not on the loopbacks alone. */
  readonly public?: boolean | undefined
  readonly family?: 4 | 6 | undefined
  /** By name or address: where groups are joined, and where an endpoint without a host stands. */
  readonly interface?: string | undefined
  /** Whether datagrams will be answered from here. */
  readonly answers: boolean
}

/**
 * Decides which addresses an endpoint stands for.
 *
 * A socket on a wildcard address cannot tell which of the machine's addresses it was called by, and
 * its answers leave from the one that the route prefers; who asked another never sees them. What
 * answers is therefore bound to each address on its own, as name and time servers are.
 *
 * @throws ERR_NOT_FOUND when the host or interface is not known, or has no address of the family;
 * ERR_USAGE where an interface makes no sense, or is missing
 */
export async function doorsOf(endpoint: InetEndpoint, options: DoorOptions): Promise<Door[]> {
  const { family, answers } = options
  if (endpoint.host !== undefined && isMulticast(endpoint.host)) {
    return groupDoors(endpoint.host, options)
  }
  const hosts = await hostsOf(endpoint, options)
  const literals = answers ? hosts.flatMap(one => separateAddresses(one, hosts)) : hosts
  const wanted = literals.filter(one => family === undefined || family === (isIPv6(one) ? 6 : 4))
  if (wanted.length === 0) {
    throw new SockctlError('ERR_NOT_FOUND', `there is no IPv${family} address to stand on`)
  }
  return wanted.map(one => ({
    host: one,
    // Only a lone [::] takes IPv4 too, as bind(2) does; beside others it would be in their way.
    ipv6Only: isIPv6(one) && (wanted.length > 1 || family === 6),
    isExposed: !isLoopback(one),
  }))
}

const LOOPBACKS = ['127.0.0.1', '::1'] as const
const WILDCARDS = ['0.0.0.0', '::'] as const

async function hostsOf(
  { host, port }: InetEndpoint,
  options: DoorOptions,
): Promise<readonly string[]> {
  const on = options.interface === undefined ? undefined : findInterface(options.interface)
  if (host === undefined) {
    if (on !== undefined) return [...on.ipv4, ...on.ipv6]
    return options.public === true ? WILDCARDS : LOOPBACKS
  }
  if (isLinkLocal(host)) return [withZone(host, on)]
  if (on !== undefined) {
    throw usageError(`--interface is for groups and link-local addresses, not for ${host}`)
  }
  if (isLocalhost(host)) return LOOPBACKS
  const [first] = await resolveHost(host, port, { family: options.family })
  return first === undefined ? [] : [first.host]
}

/** The addresses that a wildcard stands for; any other address stands for itself. */
function separateAddresses(host: string, beside: readonly string[]): readonly string[] {
  if (!isWildcard(host)) return [host]
  if (!isIPv6(host)) return localInterfaces().flatMap(one => one.ipv4)
  const takesIpv4 = beside.length === 1
  return localInterfaces().flatMap(one => (takesIpv4 ? [...one.ipv4, ...one.ipv6] : one.ipv6))
}

function groupDoors(host: string, options: DoorOptions): Door[] {
  const [address = host] = host.split('%')
  const chosen = options.interface ?? findZone(host)
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const interfaces = (chosen === undefined ? localInterfaces() : [findInterface(chosen)]).filter(
    one => one[family].length > 0,
  )
  if (interfaces.length === 0) {
    const where = chosen ?? 'this machine'
    throw new SockctlError('ERR_NOT_FOUND', `${where} has no ${family} address to join ${host} by`)
  }
  const doorOn = (on: readonly LocalInterface[], bound: string): Door => ({
    // Windows cannot bind to a group's address; there the socket hears what else comes to the port.
    host: process.platform === 'win32' ? (isIPv6(address) ? '::' : '0.0.0.0') : bound,
    ipv6Only: isIPv6(address),
    group: { address, interfaces: on },
    isExposed: on.some(one => [...one.ipv4, ...one.ipv6].some(each => !isLoopback(each))),
  })
  if (!isPerInterface(address)) return [doorOn(interfaces, address)]
  return interfaces.map(one => doorOn([one], `${address}%${one.name}`))
}
