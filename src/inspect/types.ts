import type { Address } from '../address.ts'

/*
 * inspect collects, selects, explains, diagnoses, shows.
 * A source collects records; owners are looked up by inode when the question needs them; together
 * they are a snapshot, from which everything else (filters, rules, views) is computed.
 */

export type Protocol = 'tcp' | 'udp' | 'unix'

/** The states of net/tcp_states.h, in the words of ss(8). UDP and unix sockets use a few of them. */
export type SocketState =
  | 'established'
  | 'syn-sent'
  | 'syn-recv'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'time-wait'
  | 'unconnected' // TCP_CLOSE: what ss shows as UNCONN
  | 'close-wait'
  | 'last-ack'
  | 'listen'
  | 'closing'
  | 'bound-inactive' // bind() without listen() or connect(); Linux 6.8 and later tell

/**
 * One socket of the machine, as a value. What a source cannot know is undefined, never a stand-in.
 * Sources may implement it as a view that decodes a field when it is read, so read each once.
 */
export interface SocketRecord {
  readonly protocol: Protocol
  readonly family: 'ipv4' | 'ipv6' | 'unix'
  readonly state: SocketState
  /** As the kernel tells it: an IPv4 peer of a dual-stack socket stays `::ffff:a.b.c.d` here. */
  readonly local: Address
  /** Undefined where there is no other end: listeners, unconnected sockets. */
  readonly remote: Address | undefined
  /** Unread bytes; on a listener the connections that wait in its accept queue. */
  readonly receiveQueue: number | undefined
  /** Bytes not acknowledged yet; on a listener the limit of its accept queue. */
  readonly sendQueue: number | undefined
  /** What /proc/PID/fd calls it. 0: no file stands for it (TIME_WAIT, orphans, not accepted yet). */
  readonly inode: number
  /** Who made it. Undefined where the kernel keeps no owner (inode 0). */
  readonly uid: number | undefined
  readonly timer: SocketTimer | undefined
  /** The kernel's own name for this socket: it survives FIN_WAIT_2 and TIME_WAIT. */
  readonly cookie: bigint | undefined
  /** The interface it is bound to (SO_BINDTODEVICE), by index. 0: none. */
  readonly interfaceIndex: number | undefined
  /** Only unix sockets. */
  readonly unix: UnixDetails | undefined
  /** Only from sources that tell holders themselves, and know no inodes: use `holdersOf`. */
  readonly owners?: readonly Owner[]
}

export interface SocketTimer {
  readonly kind: 'retransmit' | 'keepalive' | 'time-wait' | 'zero-window-probe'
  readonly expiresInMs: number
  /** Retransmissions or probes sent without an answer. */
  readonly retransmits: number
}

export interface UnixDetails {
  readonly type: 'stream' | 'datagram' | 'seqpacket'
  /** The socket at the other end; undefined when there is none or the source cannot tell. */
  readonly peerInode: number | undefined
}

/** A process that holds a socket, by one of its descriptors. */
export interface Owner {
  readonly pid: number
  /** Undefined where the source knows only the process (systeminformation). */
  readonly fd: number | undefined
  /** Most often /proc/PID/comm: chosen by the process itself, so hostile text. */
  readonly name: string
}

/** Something that could not be seen, or not be seen whole: "nothing" and "could not look" differ. */
export interface Warning {
  readonly code: WarningCode
  /** A sentence for people, with why and how to see it. */
  readonly message: string
  /** Only `owners-hidden`: how many sockets of which user; no uid where the source knows none. */
  readonly hidden?: readonly { readonly uid?: number; readonly sockets: number }[]
}

export type WarningCode =
  | 'owners-hidden' // sockets of other users whose holders this user may not see
  | 'source-fallback' // a better source exists and could not be used
  | 'source-limited' // the source cannot tell something that was asked for
  | 'incomplete' // the tables changed while they were read, or a part could not be read

export type SourceName = 'sock-diag' | 'procfs' | 'systeminformation'

/** Which sockets are wanted, so that a source can leave the others in the kernel. */
export interface Wanted {
  readonly protocols: ReadonlySet<Protocol>
  readonly families: ReadonlySet<SocketRecord['family']>
  readonly states: ReadonlySet<SocketState>
}

/** All records of one moment, where they came from, and what could not be seen. */
export interface Snapshot {
  readonly takenAt: Date
  readonly host: string
  readonly source: SourceName
  readonly records: readonly SocketRecord[]
  /** Holders by inode. Undefined: they were not looked for. */
  readonly owners: ReadonlyMap<number, readonly Owner[]> | undefined
  readonly warnings: readonly Warning[]
}
