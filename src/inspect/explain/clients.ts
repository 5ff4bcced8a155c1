import { inetAddress } from '../../address.ts'
import { isInetEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import { isUnaccepted } from './accept-queue.ts'
import type { OwnershipOf } from './ownership.ts'
import type { PeerOf } from './peers.ts'
import type { Client, Waiting } from './report-types.ts'
import { isStuck } from './stuck-queue.ts'

/**
 * Counts connections by who is at the other end: a process of this machine, or another machine. The
 * most come first. Those that only the kernel still has are left out.
 */
export function countClients(
  connections: readonly SocketRecord[],
  { peerOf, ownershipOf }: { readonly peerOf: PeerOf; readonly ownershipOf: OwnershipOf },
): Client[] {
  const clients = new Map<string, { client: Omit<Client, 'connections'>; connections: number }>()
  for (const record of connections) {
    if (record.state === 'time-wait' || record.state === 'syn-recv') continue
    const peer = peerOf(record)
    const ownership = peer && ownershipOf(peer)
    const [owner] = ownership?.kind === 'held' ? ownership.owners : []
    const host = isInetEnd(record.remote) ? inetAddress(record.remote.host, 0).host : undefined
    const key = owner === undefined ? `${host}` : `pid ${owner.pid}`
    const known = clients.get(key)
    if (known === undefined) clients.set(key, { client: { owner, host }, connections: 1 })
    else known.connections++
  }
  return [...clients.values()]
    .map(({ client, connections }) => ({ ...client, connections }))
    .sort((a, b) => b.connections - a.connections)
}

/**
 * How many connections wait in the queues of these listeners. Undefined: none, or not known.
 *
 * @param connections to them, in which those stand that the client has given up
 * @param later what there was a moment later
 */
export function waitingIn(
  listeners: readonly SocketRecord[],
  connections: readonly SocketRecord[],
  later?: readonly SocketRecord[],
): Waiting | undefined {
  const count = listeners.reduce((sum, one) => sum + (one.receiveQueue ?? 0), 0)
  if (count === 0) return undefined
  const limits = listeners.map(({ sendQueue }) => sendQueue)
  const waiting = {
    count,
    givenUp: connections.filter(one => isUnaccepted(one) && one.state === 'close-wait').length,
    limit: limits.includes(undefined)
      ? undefined
      : limits.reduce<number>((sum, one) => sum + (one ?? 0), 0),
  }
  return { ...waiting, isStuck: isStuck(waiting, connections, ...(later ? [later] : [])) }
}
