import type { Family, SocketEnd } from './ends.ts'
import type { IpDetails, Shutdown, SocketMemory, TcpDetails } from './socket-details.ts'

/*
 * inspect collects, selects, explains, diagnoses, shows.
 * A source collects records; owners are looked up by inode when the question needs them; together
 * they are a snapshot, from which everything else (filters, rules, views) is computed.
 */

export type Protocol =
  | 'tcp'
  | 'mptcp' // Multipath TCP (RFC 8684): the connection, whose subflows are TCP sockets of their own
  | 'udp'
  | 'udplite' // RFC 3828
  | 'raw' // raw(7): the number of the IP protocol stands where others have the local port
  | 'unix'
  | 'packet' // packet(7)
  | 'netlink' // netlink(7)
  | 'vsock' // vsock(7): between a virtual machine and its host

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
  readonly family: Family
  readonly state: SocketState
  /** As the kernel tells it: an IPv4 peer of a dual-stack socket stays `::ffff:a.b.c.d` here. */
  readonly local: SocketEnd
  /** Undefined where there is no other end: listeners, unconnected sockets. */
  readonly remote: SocketEnd | undefined
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
  /** Which directions the process has shut down (shutdown(2)). */
  readonly shutdown?: Shutdown | undefined
  /** Datagrams, or on a listener connection attempts, that found no room since it was made. */
  readonly drops?: number | undefined
  readonly memory?: SocketMemory | undefined
  /** SO_MARK. Told only to those with CAP_NET_ADMIN. */
  readonly mark?: number | undefined
  /** The cgroup in which it was made: the inode of a folder in /sys/fs/cgroup. 1 is the root. */
  readonly cgroupId?: number | undefined
  /** Only IP sockets. */
  readonly ip?: IpDetails | undefined
  /** Only TCP and MPTCP sockets that are more than a TIME_WAIT. */
  readonly tcp?: TcpDetails | undefined
  /** Where it was found, when other network namespaces than this process's were asked for. */
  readonly netns?: NetworkNamespace | undefined
}

/** A network namespace (network_namespaces(7)). */
export interface NetworkNamespace {
  /** As in /proc/PID/ns/net: `net:[4026531833]`. Undefined where this user may not know it. */
  readonly inode: number | undefined
  /** In /run/netns, or of its container, or `pid:4711` who lives in it; undefined: this one's own. */
  readonly name: string | undefined
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
  /** The inode of the file that it is bound to, in its file system; only as `file` of the details. */
  readonly fileInode?: number | undefined
}

/** A process that holds a socket, by one of its descriptors. */
export interface Owner {
  readonly pid: number
  /** Undefined where the source knows only the process (Windows). */
  readonly fd: number | undefined
  /** Most often /proc/PID/comm: chosen by the process itself, so hostile text. */
  readonly name: string
}

/** Something that could not be seen, or not be seen whole: "nothing" and "could not look" differ. */
export interface Warning {
  readonly code: WarningCode
  /** A sentence for people, with why and how to see it. */
  readonly message: string
  /** Only `incomplete`: it was so by chance, and another look can be whole. */
  readonly isPassing?: true
  /** Only `owners-hidden`: what stands in the way, beside that the processes are not this user's. */
  readonly reason?: string
  /** Only `owners-hidden`: how many sockets of which user; no uid where the source knows none. */
  readonly hidden?: readonly { readonly uid?: number; readonly sockets: number }[]
}

export type WarningCode =
  | 'owners-hidden' // sockets of other users whose holders this user may not see
  | 'netns-hidden' // network namespaces that this user may not look into
  | 'source-fallback' // a better source exists and could not be used
  | 'source-limited' // the source cannot tell something that was asked for
  | 'incomplete' // the tables changed while they were read, or a part could not be read

export type SourceName =
  | 'sock-diag'
  | 'procfs'
  | 'iphlpapi'
  | 'netstat'
  | 'systeminformation'
  | 'pasted'

/** Which sockets are wanted, so that a source can leave the others in the kernel. */
export interface Wanted {
  readonly protocols: ReadonlySet<Protocol>
  readonly families: ReadonlySet<Family>
  readonly states: ReadonlySet<SocketState>
  /** What to ask for beyond what is always told. Undefined: nothing. */
  readonly details?: ReadonlySet<Detail> | undefined
  /**
   * A program of INET_DIAG_REQ_BYTECODE (linux/inet_diag.h) that every wanted IP socket passes, and
   * most others do not. A source that cannot use it reads them all. Undefined: there is none.
   */
  readonly kernelFilter?: Uint8Array | undefined
}

/** What a source tells of each socket only when it is asked: it takes the kernel time. */
export type Detail = 'tcp-info' | 'memory' | 'congestion' | 'ip' | 'file'

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
