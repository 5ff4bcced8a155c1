import { release } from 'node:os'
import { inetAddress } from '../../address.ts'
import { isInetEnd, portOf } from '../ends.ts'
import { kernelLimits } from '../sources/sock-diag.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { BindTrial } from './bind-probe.ts'
import { standsInTheWay } from './in-the-way.ts'
import type { Cause } from './report-types.ts'

/** The addresses that could not be bound because something has them. */
export function refusedHosts(trials: readonly BindTrial[] | undefined): string[] {
  return (trials ?? []).filter(({ result }) => result === 'in-use').map(({ host }) => host)
}

/**
 * Of the addresses that TCP was refused those where nothing that can be seen stands in the way. What
 * stands where another bind went well keeps nobody away: both sides set SO_REUSEADDR.
 */
export function unseenHosts(
  trials: readonly BindTrial[] | undefined,
  port: number,
  records: readonly SocketRecord[],
): string[] {
  const bound = (trials ?? []).filter(({ result }) => result === 'ok').map(({ host }) => host)
  const guilty = records.filter(
    record =>
      portOf(record.local) === port &&
      record.protocol !== 'udp' &&
      !bound.some(host => isOfFamily(record, host) && standsInTheWay(record, host)),
  )
  return refusedHosts(trials).filter(host => !guilty.some(record => standsInTheWay(record, host)))
}

/** Whether a socket on `::` has IPv4 too is not always known. */
function isOfFamily({ local }: SocketRecord, host: string): boolean {
  return isInetEnd(local) && inetAddress(local.host, 0).family === inetAddress(host, 0).family
}

/** Whether something keeps a server away only perhaps: with SO_REUSEADDR on both sides it does not. */
export function isOnlyOfKernel({ cause }: { readonly cause: Cause }): boolean {
  return cause === 'time-wait' || cause === 'closing' || cause === 'udp'
}

/** Whether sockets that are bound without listening would be in the snapshot. */
export function showsAllBound({ source }: Pick<Snapshot, 'source'>): boolean {
  return source === 'sock-diag' && kernelLimits(new Set(['bound-inactive']), release()).length === 0
}
