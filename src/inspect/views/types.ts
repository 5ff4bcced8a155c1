import type { OwnershipOf } from '../explain/ownership.ts'
import type { PeerOf } from '../explain/peers.ts'
import type { InterfaceName } from '../interfaces.ts'
import type { Places } from '../owners/places.ts'
import type { ListedProcesses } from '../owners/process/listed.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { UserName } from '../users.ts'

/*
 * A view turns sockets into text. It is pure: width, colour and whatever else it needs come in, and
 * what it makes is handed on in pieces, so that the first rows are out before the last are made.
 */

/** The sockets to show, in this order, and how to name what belongs to them. */
export interface SocketList {
  readonly snapshot: Snapshot
  /** The selected ones among the snapshot's. */
  readonly records: readonly SocketRecord[]
  /** Undefined: owners were not looked for. */
  readonly ownershipOf: OwnershipOf | undefined
  readonly userName: UserName
  /** Undefined: interfaces stay numbers. */
  readonly interfaceName?: InterfaceName | undefined
  /** Tells the container of a socket. Undefined: it was not looked for. */
  readonly containerOf?: Places['containerOf'] | undefined
  /** Tells the unit of systemd of a socket. Undefined: it was not looked for. */
  readonly unitOf?: Places['unitOf'] | undefined
  /** Tells more of its holders. Undefined: it was not looked for. */
  readonly processes?: ListedProcesses | undefined
  /** Names a cgroup by its path below /sys/fs/cgroup. Undefined: they stay numbers. */
  readonly cgroupName?: ((id: number) => string | undefined) | undefined
  /** Finds the other end on this machine. Undefined: it was not looked for. */
  readonly peerOf?: PeerOf | undefined
}

/** What colour says in a view. Without colour each of them returns its text. */
export interface ViewPaint {
  bad(text: string): string
  warn(text: string): string
  good(text: string): string
  dim(text: string): string
  strong(text: string): string
}
