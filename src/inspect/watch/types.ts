import type { Owner, Snapshot, SocketRecord, SocketState } from '../types.ts'

/** A socket that is looked at again and again. */
export interface WatchedSocket {
  /** As it was seen last: of this look, or of the one before for a socket that is gone. */
  readonly record: SocketRecord
  readonly state: SocketState
  /** Its state before it last changed; undefined: it never did. */
  readonly stateBefore: SocketState | undefined
  /** Who holds it, or held it last: a TIME_WAIT keeps the name of who left it. */
  readonly owners: readonly Owner[] | undefined
  /** The number of the look at which it was first seen; the first look is 1. */
  readonly openedAt: number
  /** The look at which its state changed last. */
  readonly changedAt: number
  /** The look at which it was seen last. */
  readonly seenAt: number
  /** The look at which it was last among those that are asked for; `SelectedWatch` writes it. */
  selectedAt: number
}

/** One look at the sockets, and how they differ from the look before. */
export interface Look {
  /** From 1 on. */
  readonly number: number
  /** With the holders of all sockets that are there, as far as they were looked for by now. */
  readonly snapshot: Snapshot
  /** Those that are there: what is known of each record of the snapshot, in the same order. */
  readonly sockets: readonly WatchedSocket[]
  /** Those that were not there before; all of them at the first look. */
  readonly opened: readonly WatchedSocket[]
  /** Those whose state is another now. */
  readonly changed: readonly WatchedSocket[]
  /** Those whose holder became known or changed: they were accepted, or looked for only now. */
  readonly named: readonly WatchedSocket[]
  /** Those that are not there any more. */
  readonly gone: readonly WatchedSocket[]
}
