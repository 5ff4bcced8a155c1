import type { SocketRecord, SocketState } from '../types.ts'
import type { WatchedSocket } from './types.ts'

/** What is known of a socket that is looked at again and again, by who looks. */
export type Entry = { -readonly [Key in keyof WatchedSocket]: WatchedSocket[Key] } & {
  inode: number
  /** Where it stood among the others at the look at which it was seen last. */
  place: number
  /** In how many incomplete looks it was missed, one behind the other. */
  misses: number
}

/** Notes a socket that is seen for the first time, at this look. */
export function entryOf(
  record: SocketRecord,
  { state, inode, number }: Pick<Entry, 'state' | 'inode'> & { readonly number: number },
): Entry {
  return {
    record,
    state,
    inode,
    place: 0,
    stateBefore: undefined,
    owners: record.owners?.length === 0 ? undefined : record.owners,
    openedAt: number,
    changedAt: number,
    seenAt: number,
    selectedAt: 0,
    misses: 0,
  }
}

/**
 * Whether what is seen under a known name cannot be the socket that had it: one that was gone for a
 * look, or a connection between the same ends as one that was over.
 */
export function isAnother(
  { state, seenAt }: Entry,
  now: SocketState,
  { number }: { readonly number: number },
): boolean {
  return seenAt < number - 1 || (state === 'time-wait' && now !== 'time-wait')
}
