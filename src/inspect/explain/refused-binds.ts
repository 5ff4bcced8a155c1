import { release } from 'node:os'
import { inetAddress } from '../../address.ts'
import { isInetEnd, portOf } from '../ends.ts'
import { kernelLimits } from '../sources/sock-diag.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { BindTrial } from './bind-probe.ts'
import { standsInTheWay } from './in-the-way.ts'
import type { Cause, PortReport } from './report-types.ts'

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

/** Whether what is seen there is why a bind was refused. */
export function keepsAway({ trials, unseen }: Pick<PortReport, 'trials' | 'unseen'>): boolean {
  return refusedHosts(trials).length > unseen.length
}

/** Whether a bind has shown that a server can listen there, and none was refused. */
export function isBindable(trials: readonly BindTrial[] | undefined): boolean {
  const hasRefused = refusedHosts(trials).length > 0
  return !hasRefused && (trials?.some(({ result }) => result === 'ok') ?? false)
}

/**
 * Whether somebody has the port, or something keeps others from it. What only the kernel still
 * has, and leaves the port to a server that listens, is nobody.
 */
export function isHeld(report: Pick<PortReport, 'holders' | 'trials' | 'unseen'>): boolean {
  const { holders, unseen } = report
  if (unseen.length > 0) return true
  return holders.some(({ cause }) => !isLeftOver(cause) || keepsAway(report))
}

function isLeftOver(cause: Cause): boolean {
  return cause === 'time-wait' || cause === 'closing'
}

/** Whether something keeps a server away only perhaps: with SO_REUSEADDR on both sides it does not. */
export function isOnlyOfKernel({ cause }: { readonly cause: Cause }): boolean {
  return isLeftOver(cause) || cause === 'udp'
}

/** Whether sockets that are bound without listening would be in the snapshot. */
export function showsAllBound({ source }: Pick<Snapshot, 'source'>): boolean {
  return source === 'sock-diag' && kernelLimits(new Set(['bound-inactive']), release()).length === 0
}
