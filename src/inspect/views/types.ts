import type { OwnershipOf } from '../explain/ownership.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { UserName } from '../users.ts'

/*
 * A view turns sockets into text. It is pure: width, colour and whatever else it needs come in, and
 * what it makes is handed on in pieces, so that the first rows are out before the last are made.
 */

/** The sockets to show, in this order, and how to name who holds them. */
export interface SocketList {
  readonly snapshot: Snapshot
  /** The selected ones among the snapshot's. */
  readonly records: readonly SocketRecord[]
  /** Undefined: owners were not looked for. */
  readonly ownershipOf: OwnershipOf | undefined
  readonly userName: UserName
}

/** What colour says in a view. Without colour each of them returns its text. */
export interface ViewPaint {
  bad(text: string): string
  warn(text: string): string
  good(text: string): string
  dim(text: string): string
  strong(text: string): string
}
