import type { Owner, Snapshot, SocketRecord } from '../types.ts'
import type { BindTrial } from './bind-probe.ts'
import type { Ownership, OwnershipOf } from './ownership.ts'
import type { ProcessStory } from './process-story.ts'

/** The answer about one target. `views/report.ts` puts it into words. */
export type Report = PortReport | ProcessReport | UnixReport | NameReport

/**
 * Why a port is taken, in the order in which causes are told: the first is the answer, the others
 * stand beside it.
 */
export type Cause =
  | 'container' // a stand-in of a container engine listens: docker-proxy and its kin
  | 'inherited' // a child listens whose parent made the socket, and is gone
  | 'listener'
  | 'bound' // bind(2) without listen(2)
  | 'accepted' // a connection that a listener accepted which is gone
  | 'outgoing' // a connection that drew the port as its source
  | 'connected' // a connection, of which it cannot be told who made it
  | 'time-wait' // only the kernel still waits
  | 'closing' // a process has closed it, and the kernel finishes the conversation
  | 'udp'

/** One program, or one reason, that holds a port. */
export interface Holder {
  readonly cause: Cause
  /** Its sockets with this local port: of one cause and one set of owners. */
  readonly records: readonly SocketRecord[]
  readonly ownership: Ownership
  /** The first of its owners. Undefined: hidden, none, or it has just ended. */
  readonly story: ProcessStory | undefined
  /** Who holds the same sockets beside the first. */
  readonly sharers: readonly Owner[]
  /** None of them does anything: each is stopped, or held by a debugger. */
  readonly isStopped: boolean
  /** Connections that wait in its accept queues. */
  readonly waiting: Waiting | undefined
  /** Who is known to sit there. */
  readonly squatter: string | undefined
}

export interface Waiting {
  readonly count: number
  /** How many of them the client has closed already. */
  readonly givenUp: number
  /** How many may wait. Undefined: not known. */
  readonly limit: number | undefined
  /** Nobody is accepted, as far as looks can tell. */
  readonly isStuck: boolean
}

/** Who is connected to a listener: one process of this machine, or one other machine. */
export interface Client {
  readonly owner: Owner | undefined
  readonly host: string | undefined
  readonly connections: number
}

export interface PortReport {
  readonly kind: 'port'
  readonly port: number
  readonly host: string | undefined
  readonly snapshot: Snapshot
  readonly holders: readonly Holder[]
  /** Several programs listen at different addresses: which one answers depends on the address. */
  readonly isShadowed: boolean
  /** Several sockets listen at one address (SO_REUSEPORT). */
  readonly isReusePort: boolean
  readonly clients: readonly Client[]
  /** Connections of clients that have hung up, and which the server has not closed (CLOSE-WAIT). */
  readonly unclosed: number
  /** What only the kernel keeps any more, and when the last of it is over. */
  readonly lingering: { readonly count: number; readonly freeInMs: number | undefined } | undefined
  /** Connections of this machine to this port on others. */
  readonly elsewhere: number
  /** It is about this process's own network, as its own /proc shows it. */
  readonly isOwnPlace: boolean
  /** Undefined: not tried. */
  readonly trials: readonly BindTrial[] | undefined
  /** The addresses whose bind was refused though nothing that can be seen stands in the way there. */
  readonly unseen: readonly string[]
  /**
   * Processes that hold sockets which are in no table; only when nothing else explains a refusal, or
   * only what the kernel alone has any more, which need not be the reason.
   */
  readonly candidates: readonly Owner[]
  /** Where else somebody listens on it, in other network namespaces; only when nobody does here. */
  readonly otherNamespaces: readonly SocketRecord[]
  readonly otherOwners: OwnershipOf | undefined
  /** The lowest port that everybody may bind. */
  readonly firstUnprivileged: number
  /** The ports that the kernel lends to outgoing connections. */
  readonly ephemeral: { readonly first: number; readonly last: number }
}

/** One conversation of a process, with who is at the other end where that is on this machine. */
export interface Conversation {
  readonly record: SocketRecord
  /** Somebody connected to it. Undefined: cannot be told. */
  readonly isIncoming: boolean | undefined
  /** The other end has not accepted it yet. */
  readonly isWaiting: boolean
  readonly peer: Owner | undefined
  /** How long nothing came or went. Undefined: not known. */
  readonly idleMs: number | undefined
}

export interface ProcessReport {
  readonly kind: 'process'
  readonly pid: number
  readonly snapshot: Snapshot
  readonly records: readonly SocketRecord[]
  readonly story: ProcessStory | undefined
  readonly listeners: readonly SocketRecord[]
  readonly conversations: readonly Conversation[]
  /** Its unix sockets by who is at the other end. */
  readonly unix: { readonly count: number; readonly peers: readonly Client[] }
  readonly others: number
  /** Sockets of it that are in no table: not bound, not connected. */
  readonly unlisted: number
}

/** One of several processes of a program. */
export interface NamedProcess {
  readonly pid: number
  readonly story: ProcessStory
  /** How many sockets it has open. Undefined: this user may not look. */
  readonly sockets: number | undefined
  readonly listeners: readonly SocketRecord[]
}

export interface NameReport {
  readonly kind: 'name'
  readonly name: string
  readonly snapshot: Snapshot
  /** Its listeners. */
  readonly records: readonly SocketRecord[]
  /** Those that hold sockets, or may. */
  readonly processes: readonly NamedProcess[]
  readonly isRunning: boolean
  /** A program that runs, and was perhaps meant. */
  readonly nearest: string | undefined
}

export type UnixVerdict =
  | 'alive' // a process holds the socket that the file stands for
  | 'bound' // a process has bound it, and does not listen
  | 'connected' // nobody listens, and it is the name of one end of a connection
  | 'elsewhere' // somebody answers who cannot be seen: another network namespace
  | 'stale' // the file is there, and nobody answers
  | 'replaced' // a process listens by this name, but the file is another one
  | 'unlinked' // a process listens by this name, and the file is gone
  | 'no-socket' // a file of another kind
  | 'missing'
  | 'unknown' // it may not be asked

export interface UnixReport {
  readonly kind: 'unix'
  readonly path: string
  readonly snapshot: Snapshot
  readonly verdict: UnixVerdict
  readonly records: readonly SocketRecord[]
  readonly ownership: Ownership | undefined
  readonly story: ProcessStory | undefined
  readonly sharers: readonly Owner[]
  readonly clients: readonly Client[]
  readonly waiting: Waiting | undefined
  readonly file: UnixFile | undefined
}

export interface UnixFile {
  readonly uid: number
  readonly mode: number
  readonly changedAt: Date
}
