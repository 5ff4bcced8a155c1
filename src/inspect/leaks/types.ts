import type { SocketRecord } from '../types.ts'

/** What a pile of sockets is. */
export type LeakKind =
  /** CLOSE_WAIT that a process holds: the peer closed, it has not. */
  | 'close-wait'
  /** CLOSE_WAIT that nobody has accepted: the listener's process does not take its connections. */
  | 'unaccepted'
  /** FIN_WAIT_2 that a process holds: it closed one direction, the peer has not closed the other. */
  | 'fin-wait-2'

/** A process that holds sockets, or why it cannot be named. */
export interface Suspect {
  /** Undefined: nobody can be named. */
  readonly pid: number | undefined
  readonly name: string | undefined
  /** Whose sockets they are, where the process is hidden. */
  readonly uid: number | undefined
}

/** A socket that may be leaked. */
export interface SuspectSocket {
  readonly key: number | string
  readonly kind: LeakKind
  readonly suspect: Suspect
  readonly record: SocketRecord
  /** Whether a listener of this machine took it, or somebody here called out. */
  readonly direction: 'incoming' | 'outgoing'
}

/** Sockets of one kind of one process at one look, compared with an earlier one. */
export interface Pile {
  readonly kind: LeakKind
  readonly suspect: Suspect
  readonly now: number
  /** Undefined at the first look. */
  readonly before: number | undefined
  /** Those that were there before too. */
  readonly stayed: number | undefined
  /** How many more there are in a second, since the watch began. */
  readonly perSecond: number | undefined
  readonly peers: readonly PilePeer[]
  /** More come than go, and those that came stay. */
  readonly isGrowing: boolean
  readonly isLeak: boolean
  readonly descriptors: Descriptors | undefined
}

/** With whom the sockets of a pile are: an outgoing one with a service, an incoming one with a host. */
export interface PilePeer {
  readonly direction: 'incoming' | 'outgoing'
  /** Where we called: `10.0.3.7:9200`; who called: `10.0.3.7`. */
  readonly peer: string
  /** Of incoming ones: the port that was called. */
  readonly localPort: number | undefined
  readonly count: number
}

/** The descriptors of a process; undefined what this user may not see. */
export interface Descriptors {
  readonly open: number | undefined
  readonly limit: number | undefined
  /** Until there are none left, if it goes on like this. Undefined: it does not. */
  readonly secondsLeft: number | undefined
}
