import { inetAddress, isLoopback } from '../../address.ts'
import { isInetEnd } from '../ends.ts'
import { listenersIn } from '../explain/accept-queue.ts'
import type { Owner } from '../types.ts'
import type { Beat } from '../watch/selected-watch.ts'
import type { Destination, PortRange } from './types.ts'

interface Tally {
  readonly from: string
  readonly host: string
  readonly port: number
  readonly localPorts: Set<number>
  timeWait: number
  established: number
  reusable: number
  opened: number
  /** How many of whom have owners that may not be seen. */
  readonly hidden: Map<number | undefined, number>
}

/** Who was seen to call where, of late. */
type Callers = Map<string, Map<number, Pick<Owner, 'pid' | 'name'>>>

/**
 * Counts which ports are taken towards whom, look by look. A port counts once for each address and
 * service that it is connected with, so each of these has all the ports for itself. Connections that
 * a listener of this machine has taken are the other side's, and do not count.
 */
export class PortBudget {
  readonly #range: PortRange
  readonly #callers: Callers = new Map()

  constructor(range: PortRange) {
    this.#range = range
  }

  /**
   * Adds a look.
   *
   * @param beat its connections, and in its snapshot the listeners
   * @param elapsedMs since the look before; 0 at the first
   */
  add({ number, snapshot, sockets, ownershipOf }: Beat, elapsedMs: number): Destination[] {
    const listenerFor = listenersIn(snapshot.records)
    const tallies = new Map<string, Tally>()
    for (const socket of sockets) {
      const { record, state } = socket
      const { local, remote } = record
      if (!isInetEnd(local) || !isInetEnd(remote) || !this.#isOurs(local.port)) continue
      if (listenerFor(record) !== undefined) continue
      const from = inetAddress(local.host, 0).host
      const { host } = inetAddress(remote.host, 0)
      const key = `${from} ${host} ${remote.port}`
      const tally = tallies.get(key) ?? newTally(from, host, remote.port)
      tallies.set(key, tally)
      tally.localPorts.add(local.port)
      if (state === 'time-wait') {
        tally.timeWait++
        if (this.#isReusable(host, record.timer?.expiresInMs)) tally.reusable++
      } else if (state === 'established') tally.established++
      if (socket.openedAt === number) tally.opened++
      this.#remember(key, socket.owners)
      const ownership = ownershipOf?.(record)
      if (ownership?.kind === 'hidden') {
        tally.hidden.set(ownership.uid, (tally.hidden.get(ownership.uid) ?? 0) + 1)
      }
    }
    for (const key of this.#callers.keys()) if (!tallies.has(key)) this.#callers.delete(key)
    return [...tallies]
      .map(([key, tally]) => this.#destination(key, tally, elapsedMs))
      .sort((a, b) => b.percent - a.percent || b.used - a.used)
  }

  #isOurs(port: number): boolean {
    return port >= this.#range.first && port <= this.#range.last
  }

  #isReusable(host: string, expiresInMs: number | undefined): boolean {
    const { reuse, reuseAfterMs, timeWaitSeconds } = this.#range
    if (expiresInMs === undefined || !mayReuse(reuse, host)) return false
    return timeWaitSeconds * 1000 - expiresInMs > reuseAfterMs
  }

  #remember(key: string, owners: readonly Owner[] | undefined): void {
    const [owner] = owners ?? []
    if (owner === undefined) return
    const known = this.#callers.get(key) ?? new Map()
    known.set(owner.pid, { pid: owner.pid, name: owner.name })
    this.#callers.set(key, known)
  }

  #destination(key: string, tally: Tally, elapsedMs: number): Destination {
    const { from, host, port, timeWait, established, reusable, hidden } = tally
    const { usable, timeWaitSeconds, reuse, reuseAfterMs } = this.#range
    const used = tally.localPorts.size
    const taken = Math.max(0, used - reusable)
    const seconds = mayReuse(reuse, host) ? Math.max(1, reuseAfterMs / 1000) : timeWaitSeconds
    return {
      from,
      host,
      port,
      used,
      timeWait,
      established,
      reusable,
      percent: Math.min(100, (taken * 100) / usable),
      perSecond: elapsedMs === 0 ? undefined : (tally.opened * 1000) / elapsedMs,
      ceilingPerSecond: Math.floor(usable / seconds),
      madeBy: [...(this.#callers.get(key)?.values() ?? [])],
      hidden: [...hidden].map(([uid, count]) => ({
        ...(uid !== undefined && { uid }),
        sockets: count,
      })),
    }
  }
}

function mayReuse(reuse: PortRange['reuse'], host: string): boolean {
  return reuse === 'all' || (reuse === 'loopback' && isLoopback(host))
}

function newTally(from: string, host: string, port: number): Tally {
  const counts = { timeWait: 0, established: 0, reusable: 0, opened: 0 }
  return { from, host, port, localPorts: new Set(), hidden: new Map(), ...counts }
}
