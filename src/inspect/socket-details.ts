/*
 * What sock_diag(7) tells of a socket beyond its address and state. Unknown is undefined.
 */

export type Shutdown = 'receive' | 'send' | 'both'

/** SK_MEMINFO_* of linux/sock_diag.h, all in bytes: what the kernel's bookkeeping takes included. */
export interface SocketMemory {
  readonly receiveBytes: number
  readonly receiveLimitBytes: number
  /** Given to the device and not sent yet. */
  readonly transmitBytes: number
  readonly sendLimitBytes: number
  readonly forwardAllocBytes: number
  /** Waiting to be sent or acknowledged. */
  readonly sendQueueBytes: number
  readonly optionBytes: number
  readonly backlogBytes: number
}

export interface IpDetails {
  /** IP_TOS: the byte of RFC 2474 and RFC 3168. */
  readonly typeOfService: number | undefined
  /** IPV6_TCLASS. */
  readonly trafficClass: number | undefined
  /** The net_cls class of its cgroup, or SO_PRIORITY. */
  readonly classId: number | undefined
  /** IPV6_V6ONLY: it takes no IPv4. */
  readonly isV6only: boolean | undefined
  /** What else setsockopt(2) has turned on: INET_DIAG_SOCKOPT, in the words of ip(7). */
  readonly options: readonly string[] | undefined
}

export interface TcpDetails {
  /** The state of the connection in numbers. Only when it was asked for. */
  readonly info: TcpInfo | undefined
  /** The name of its congestion control: `cubic`. Only when it was asked for. */
  readonly congestion: string | undefined
  /** What that one tells of itself (vegas, dctcp, bbr), by the kernel's names. */
  readonly congestionState: Readonly<Record<string, number>> | undefined
  /** The protocol on top of it in the kernel: `tls`, `mptcp`, `smc`. */
  readonly upperProtocol: string | undefined
}

/**
 * struct tcp_info of linux/tcp.h. A kernel that is too old for a field does not give it: undefined.
 * Names are the kernel's, times in microseconds but where they end in Ms, amounts in bytes where they
 * say so.
 */
export interface TcpInfo {
  readonly congestionAvoidance: 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss' | undefined
  /** Consecutive timeouts without an answer. */
  readonly retransmits: number | undefined
  readonly probes: number | undefined
  readonly backoff: number | undefined
  /** `ts`, `sack`, `wscale`, `ecn`, `ecnseen`, `fastopen`: as in ss(8). */
  readonly options: readonly string[] | undefined
  readonly sndWscale: number | undefined
  readonly rcvWscale: number | undefined
  readonly isAppLimited: boolean | undefined
  readonly rtoUs: number | undefined
  readonly atoUs: number | undefined
  readonly sndMssBytes: number | undefined
  readonly rcvMssBytes: number | undefined
  readonly unacked: number | undefined
  readonly sacked: number | undefined
  readonly lost: number | undefined
  readonly retrans: number | undefined
  readonly lastDataSentMs: number | undefined
  readonly lastDataRecvMs: number | undefined
  readonly lastAckRecvMs: number | undefined
  readonly pmtuBytes: number | undefined
  readonly rcvSsthreshBytes: number | undefined
  readonly rttUs: number | undefined
  readonly rttVarUs: number | undefined
  /** In segments; undefined too while there is none (0x7fffffff). */
  readonly sndSsthresh: number | undefined
  readonly sndCwnd: number | undefined
  readonly advmssBytes: number | undefined
  readonly reordering: number | undefined
  readonly rcvRttUs: number | undefined
  readonly rcvSpaceBytes: number | undefined
  readonly totalRetrans: number | undefined
  /** Undefined too where there is no limit. */
  readonly pacingRateBytesPerSecond: number | undefined
  readonly maxPacingRateBytesPerSecond: number | undefined
  readonly bytesAcked: number | undefined
  readonly bytesReceived: number | undefined
  readonly segsOut: number | undefined
  readonly segsIn: number | undefined
  readonly notsentBytes: number | undefined
  readonly minRttUs: number | undefined
  readonly dataSegsIn: number | undefined
  readonly dataSegsOut: number | undefined
  readonly deliveryRateBytesPerSecond: number | undefined
  readonly busyTimeUs: number | undefined
  readonly rwndLimitedUs: number | undefined
  readonly sndbufLimitedUs: number | undefined
  readonly delivered: number | undefined
  readonly deliveredCe: number | undefined
  readonly bytesSent: number | undefined
  readonly bytesRetrans: number | undefined
  readonly dsackDups: number | undefined
  readonly reordSeen: number | undefined
  readonly rcvOoopack: number | undefined
  readonly sndWndBytes: number | undefined
  readonly rcvWndBytes: number | undefined
  readonly rehash: number | undefined
  readonly totalRto: number | undefined
  readonly totalRtoRecoveries: number | undefined
  readonly totalRtoTimeMs: number | undefined
}
