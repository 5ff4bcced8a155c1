import { inetAddress, isWildcard } from '../../address.ts'
import { isInetEnd, portOf, type SocketEnd } from '../ends.ts'
import { holdersOf } from '../snapshot.ts'
import type { Owner, Snapshot, SocketRecord } from '../types.ts'

/** Who holds a socket; or why nobody is seen to. */
export type Ownership =
  | { readonly kind: 'held'; readonly owners: readonly Owner[] }
  /** A process of another user holds it, and this user may not see which. */
  | { readonly kind: 'hidden'; readonly uid: number | undefined }
  /** The kernel itself, another pid namespace, a message in flight (SCM_RIGHTS), io_uring. */
  | { readonly kind: 'unseen' }
  /** A connection that is made, and waits for its listener to accept it. */
  | { readonly kind: 'unaccepted'; readonly listener: Ownership }
  /** No process is needed any more, or yet: TIME_WAIT, SYN_RECV. */
  | { readonly kind: 'kernel' }
  /** The process has closed it, and the kernel still finishes the conversation. */
  | { readonly kind: 'orphan' }

export type OwnershipOf = (record: SocketRecord) => Ownership

/**
 * Makes the function that says who holds a socket of this snapshot. Connections that wait to be
 * accepted are told from orphans by their listener, so the snapshot should have the listeners too.
 *
 * @param viewerUid who looks; undefined where the system has no such numbers
 */
export function ownershipIn(snapshot: Snapshot, viewerUid: number | undefined): OwnershipOf {
  const { records, warnings } = snapshot
  const hasHiddenOwners = warnings.some(({ code }) => code === 'owners-hidden')
  let listeners: ReadonlyMap<string, readonly SocketRecord[]> | undefined

  return function ownershipOf(record): Ownership {
    const owners = holdersOf(snapshot, record)
    if (owners !== undefined && owners.length > 0) return { kind: 'held', owners }
    const { inode, state, uid } = record
    // Without inodes those who are hidden cannot be told from those who are not there.
    if (record.owners !== undefined) {
      return state === 'time-wait' ? { kind: 'kernel' } : { kind: 'hidden', uid }
    }
    if (inode !== 0) return mayBeHidden(uid) ? { kind: 'hidden', uid } : { kind: 'unseen' }
    if (state === 'time-wait' || state === 'syn-recv') return { kind: 'kernel' }
    if (state !== 'established' && state !== 'close-wait') return { kind: 'orphan' }
    listeners ??= listenersByDoor(records)
    const listener = listenerFor(record, listeners)
    return listener === undefined
      ? { kind: 'orphan' }
      : { kind: 'unaccepted', listener: ownershipOf(listener) }
  }

  function mayBeHidden(uid: number | undefined): boolean {
    return hasHiddenOwners && (uid === undefined || uid !== viewerUid || viewerUid === 0)
  }
}

/** Where clients knock: the port of a listener, or its path. */
function doorOf({ local }: SocketRecord): string {
  return local.family === 'unix' ? local.path : String(portOf(local))
}

function listenersByDoor(
  records: readonly SocketRecord[],
): ReadonlyMap<string, readonly SocketRecord[]> {
  const listeners = new Map<string, SocketRecord[]>()
  for (const record of records) {
    if (record.state !== 'listen') continue
    const door = doorOf(record)
    const known = listeners.get(door)
    if (known === undefined) listeners.set(door, [record])
    else known.push(record)
  }
  return listeners
}

/** The listener of the same address is preferred to the one of every address, as in the kernel. */
function listenerFor(
  record: SocketRecord,
  listeners: ReadonlyMap<string, readonly SocketRecord[]>,
): SocketRecord | undefined {
  const sameDoor = (listeners.get(doorOf(record)) ?? []).filter(
    one => one.protocol === record.protocol,
  )
  return (
    sameDoor.find(one => plainHost(one.local) === plainHost(record.local)) ??
    sameDoor.find(one => isEveryHost(one.local))
  )
}

/** An IPv4 peer of a dual-stack listener counts as what it is. */
function plainHost(end: SocketEnd): string {
  return isInetEnd(end) ? inetAddress(end.host, 0).host : ''
}

function isEveryHost(end: SocketEnd): boolean {
  return isInetEnd(end) && isWildcard(end.host)
}
