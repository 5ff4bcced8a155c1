import { holdersOf } from '../snapshot.ts'
import type { Owner, Snapshot, SocketRecord } from '../types.ts'
import { isUnaccepted, listenersIn } from './accept-queue.ts'
import { isOfKernel } from './kernel-sockets.ts'

/** Who holds a socket; or why nobody is seen to. */
export type Ownership =
  | { readonly kind: 'held'; readonly owners: readonly Owner[] }
  /** A process of another user holds it, and this user may not see which. */
  | {
      readonly kind: 'hidden'
      readonly uid: number | undefined
      /** The unit of systemd in which the socket was made, where it can be told. */
      readonly unit?: string | undefined
    }
  /** The kernel itself, another pid namespace, a message in flight (SCM_RIGHTS), io_uring. */
  | {
      readonly kind: 'unseen'
      /** While watching: it has not been looked for yet. */
      readonly isPending?: boolean
    }
  /** A connection that is made, and waits for its listener to accept it. */
  | { readonly kind: 'unaccepted'; readonly listener: Ownership }
  /** No process is needed any more, or yet: TIME_WAIT, SYN_RECV. */
  | ({ readonly kind: 'kernel' } & Left)
  /** The process has closed it, and the kernel still finishes the conversation. */
  | ({ readonly kind: 'orphan' } & Left)

/** Of sockets that no process holds any more. */
interface Left {
  /** Who held it last, where that was seen while watching. */
  readonly leftBy?: readonly Owner[] | undefined
}

export type OwnershipOf = (record: SocketRecord) => Ownership

/**
 * Makes the function that says who holds a socket of this snapshot. Connections that wait to be
 * accepted are told from orphans by their listener, so the snapshot should have the listeners too.
 *
 * @param viewerUid who looks; undefined where the system has no such numbers
 * @param unitOf tells the unit of sockets whose holders are hidden: `Places`
 */
export function ownershipIn(
  snapshot: Snapshot,
  viewerUid: number | undefined,
  unitOf?: (record: SocketRecord) => string | undefined,
): OwnershipOf {
  const { records, warnings } = snapshot
  const hasHiddenOwners = warnings.some(({ code }) => code === 'owners-hidden')
  let listenerFor: ReturnType<typeof listenersIn> | undefined

  return function ownershipOf(record): Ownership {
    const owners = holdersOf(snapshot, record)
    if (owners !== undefined && owners.length > 0) return { kind: 'held', owners }
    const { inode, state, uid } = record
    // Without inodes those who are hidden cannot be told from those who are not there.
    if (record.owners !== undefined) {
      return state === 'time-wait' ? { kind: 'kernel' } : { kind: 'hidden', uid }
    }
    if (isOfKernel(record)) return { kind: 'kernel' }
    if (inode !== 0) {
      return mayBeHidden(uid) ? { kind: 'hidden', uid, unit: unitOf?.(record) } : { kind: 'unseen' }
    }
    if (state === 'time-wait' || state === 'syn-recv') return { kind: 'kernel' }
    if (!isUnaccepted(record)) return { kind: 'orphan' }
    listenerFor ??= listenersIn(records)
    const listener = listenerFor(record)
    return listener === undefined
      ? { kind: 'orphan' }
      : { kind: 'unaccepted', listener: ownershipOf(listener) }
  }

  function mayBeHidden(uid: number | undefined): boolean {
    return hasHiddenOwners && (uid === undefined || uid !== viewerUid || viewerUid === 0)
  }
}
