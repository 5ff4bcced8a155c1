import { inetAddress } from '../../address.ts'
import { formatEnd, isInetEnd, portOf } from '../ends.ts'
import { isUnaccepted, listenersIn } from '../explain/accept-queue.ts'
import type { Ownership, OwnershipOf } from '../explain/ownership.ts'
import type { SocketRecord } from '../types.ts'
import { keyOf } from '../watch/identity.ts'
import type { LeakKind, PilePeer, Suspect, SuspectSocket } from './types.ts'

/**
 * Picks the sockets that may be leaked, and tells what each of them is. An orphan in FIN_WAIT_2 is
 * none: the kernel gives it up by itself.
 *
 * @param records with all listeners, by which connections are explained
 */
export function suspectSockets(
  records: readonly SocketRecord[],
  all: readonly SocketRecord[],
  ownershipOf: OwnershipOf,
): SuspectSocket[] {
  const listenerFor = listenersIn(all)
  return records.flatMap(record => {
    const kind = kindOf(record)
    if (kind === undefined) return []
    const direction = listenerFor(record) === undefined ? 'outgoing' : 'incoming'
    const suspect = suspectOf(ownershipOf(record), record)
    return [{ key: keyOf(record), kind, suspect, record, direction }]
  })
}

function kindOf(record: SocketRecord): LeakKind | undefined {
  const { state, inode } = record
  if (state === 'close-wait') return isUnaccepted(record) ? 'unaccepted' : 'close-wait'
  return state === 'fin-wait-2' && inode !== 0 ? 'fin-wait-2' : undefined
}

function suspectOf(ownership: Ownership, { uid }: Pick<SocketRecord, 'uid'>): Suspect {
  if (ownership.kind === 'unaccepted') return suspectOf(ownership.listener, { uid })
  const [owner] = ownership.kind === 'held' ? ownership.owners : []
  if (owner !== undefined) return { pid: owner.pid, name: owner.name, uid: undefined }
  const hiddenUid = ownership.kind === 'hidden' ? ownership.uid : uid
  return { pid: undefined, name: undefined, uid: hiddenUid }
}

/** Counts the peers of some sockets, the most first. */
export function peersOf(sockets: readonly SuspectSocket[]): PilePeer[] {
  const peers = new Map<string, { -readonly [Key in keyof PilePeer]: PilePeer[Key] }>()
  for (const { record, direction } of sockets) {
    const { local, remote } = record
    if (!isInetEnd(remote)) continue
    const plain = inetAddress(remote.host, remote.port)
    const peer = direction === 'incoming' ? plain.host : formatEnd(plain)
    const localPort = direction === 'incoming' ? portOf(local) : undefined
    const key = `${direction} ${peer} ${localPort}`
    const known = peers.get(key)
    if (known === undefined) peers.set(key, { direction, peer, localPort, count: 1 })
    else known.count++
  }
  return [...peers.values()].sort((a, b) => b.count - a.count)
}
