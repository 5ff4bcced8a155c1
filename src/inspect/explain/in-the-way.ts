import { inetAddress, isWildcard } from '../../address.ts'
import { isInetEnd } from '../ends.ts'
import { type InterfaceName, interfaceNames } from '../interfaces.ts'
import { splitZone } from '../literal-host.ts'
import type { SocketRecord } from '../types.ts'

/**
 * Whether a socket has an address, so that another that binds the same port there may be refused.
 * One on `::` has the IPv4 addresses too, unless it is told not to (IPV6_V6ONLY); where the source
 * does not tell, it may. Of one that is asked for it is taken to be so.
 *
 * Source: inet_rcv_saddr_equal() in net/ipv4/inet_connection_sock.c.
 *
 * @param host a literal address as records have it, perhaps with a zone
 */
export function standsInTheWay(
  record: Pick<SocketRecord, 'local' | 'ip' | 'interfaceIndex'>,
  host: string,
  interfaceName: InterfaceName = interfaceNames(),
): boolean {
  const { local, ip } = record
  if (!isInetEnd(local)) return false
  const here = inetAddress(splitZone(local.host).address, 0)
  const asked = splitZone(host)
  const there = inetAddress(asked.address, 0)
  const hasEvery = isWildcard(here.host)
  const wantsEvery = isWildcard(there.host)
  if (here.family !== there.family) {
    const hasBoth = here.family === 'ipv6' && hasEvery && ip?.isV6only !== true
    return hasBoth || (there.family === 'ipv6' && wantsEvery)
  }
  if (hasEvery || wantsEvery) return true
  return here.host === there.host && isOfZone(record, asked.zone, interfaceName)
}

/** Where either does not say of which interface it is, it may be the same. */
function isOfZone(
  { local, interfaceIndex }: Pick<SocketRecord, 'local' | 'interfaceIndex'>,
  zone: string | undefined,
  interfaceName: InterfaceName,
): boolean {
  const own = isInetEnd(local) ? splitZone(local.host).zone : undefined
  const number = interfaceIndex === 0 ? undefined : interfaceIndex
  if (zone === undefined || (own === undefined && number === undefined)) return true
  return [own, `${number}`, number && interfaceName(number)].includes(zone)
}
