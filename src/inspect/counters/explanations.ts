import { NETWORK_GROUPS } from './explanations-network.ts'

/** Counters that answer one question, and what each means for a user, in one line. */
export interface CounterGroup {
  readonly title: string
  /** By the name of nstat(8). In the order in which they are shown. */
  readonly counters: Readonly<Record<string, string>>
}

/**
 * What the counters of TCP mean. Sources: Documentation/networking/snmp_counter.rst and
 * include/uapi/linux/snmp.h of the kernel.
 */
const TCP_GROUPS: readonly CounterGroup[] = [
  {
    title: 'Connections',
    counters: {
      TcpActiveOpens: 'connections begun from here',
      TcpPassiveOpens: 'connections that came in',
      TcpAttemptFails: 'connections that failed before they were made: refused, or no answer',
      TcpEstabResets: 'connections that were broken off with a reset',
      TcpCurrEstab: 'connections open now, CLOSE-WAIT included',
      TcpInSegs: 'segments received',
      TcpOutSegs: 'segments sent, without those sent again',
      TcpRetransSegs: 'segments sent again: compare with TcpOutSegs; above 1 % is felt',
      TcpInErrs: 'broken segments received',
      TcpInCsumErrors: 'segments received with a wrong checksum',
      TcpOutRsts: 'resets sent: closed ports, and closing with unread data',
    },
  },
  {
    title: 'Listeners',
    counters: {
      TcpExtListenOverflows: 'connections dropped: an accept queue was full, accept() is too slow',
      TcpExtListenDrops: 'connections dropped by listeners for any reason, overflows included',
      TcpExtTCPReqQFullDoCookies: 'SYN queue full: answered with a SYN cookie',
      TcpExtTCPReqQFullDrop: 'SYN queue full: SYN dropped, as SYN cookies are off',
      TcpExtSyncookiesSent: 'SYN cookies sent: more SYNs came than were accepted',
      TcpExtSyncookiesRecv: 'connections made by a SYN cookie that came back',
      TcpExtSyncookiesFailed: 'SYN cookies that came back invalid',
      TcpExtEmbryonicRsts: 'half-open connections that the peer reset',
      TcpExtTCPDeferAcceptDrop: 'handshakes held back until data comes (TCP_DEFER_ACCEPT)',
      TcpExtTCPFastOpenListenOverflow: 'Fast Open attempts above the limit of the listener',
    },
  },
  {
    title: 'Loss and latency',
    counters: {
      TcpExtTCPLostRetransmit: 'segments lost again after they were sent again',
      TcpExtTCPTimeouts: 'retransmission timeouts: no answer for at least 200 ms each',
      TcpExtTCPSynRetrans: 'SYNs and SYN-ACKs sent again: connecting took a second or more',
      TcpExtTCPFastRetrans: 'segments sent again at once, as the peer reported a gap',
      TcpExtTCPSlowStartRetrans: 'segments sent again after a timeout',
      TcpExtTCPLossProbes: 'probes for a lost tail, sent before a timeout',
      TcpExtTCPSpuriousRTOs: 'timeouts that were not needed: the answer was only late',
      TcpExtTCPDSACKRecv: 'reports of a peer that it got something twice',
      TcpExtTCPOFOQueue: 'segments that came out of order',
      TcpExtTCPSACKReorder: 'times the network was seen to reorder segments',
      TcpExtTcpTimeoutRehash: 'times another path was tried after a timeout',
      TcpExtTCPRetransFail: 'segments that could not be sent again: the device or a filter refused',
    },
  },
  {
    title: 'Windows and memory',
    counters: {
      TcpExtTCPToZeroWindowAdv: 'times a peer was told to stop: a process here does not read',
      TcpExtTCPFromZeroWindowAdv: 'times it was told to go on',
      TcpExtTCPWantZeroWindowAdv: 'times it would have been told to stop, had that been allowed',
      TcpExtTCPWinProbe: 'questions to a peer that had said stop: it does not read',
      TcpExtTCPZeroWindowDrop: 'segments dropped that came although the window was closed',
      TcpExtTCPRcvQDrop: 'segments dropped: the receive queue was full',
      TcpExtPruneCalled: 'times a receive buffer was over its limit and was tidied',
      TcpExtRcvPruned: 'segments dropped, as tidying did not help',
      TcpExtOfoPruned: 'times data that had come out of order was thrown away for room',
      TcpExtTCPRcvCollapsed: 'segments joined to save memory: a receive buffer is too full',
      TcpExtTCPMemoryPressures: 'times TCP came under its memory limit (tcp_mem)',
      TcpExtTCPMemoryPressuresChrono: 'milliseconds spent under that limit',
      TcpExtTCPBacklogDrop: 'segments dropped: a socket was busy, its backlog full',
      TcpExtTCPWqueueTooBig: 'retransmissions refused: a send queue is far too long',
    },
  },
  {
    title: 'Aborts',
    counters: {
      TcpExtTCPAbortOnData: 'reset, as data came after close() or SO_LINGER was 0',
      TcpExtTCPAbortOnClose: 'reset, as a process closed with data unread',
      TcpExtTCPAbortOnMemory: 'reset: out of memory, or too many orphans',
      TcpExtTCPAbortOnTimeout: 'given up: the peer never answered',
      TcpExtTCPAbortOnLinger: 'reset in FIN-WAIT-2, as TCP_LINGER2 is negative',
      TcpExtTCPAbortFailed: 'a reset that could not be sent',
    },
  },
  {
    title: 'TIME_WAIT',
    counters: {
      TcpExtTW: 'connections closed from here that went into TIME_WAIT',
      TcpExtTWRecycled: 'TIME_WAITs ended early, as their port was used again',
      TcpExtTWKilled: 'connections that went into TIME_WAIT for less than 4 s',
      TcpExtTCPTimeWaitOverflow: 'TIME_WAITs left out: tcp_max_tw_buckets was reached',
      TcpExtPAWSActive: 'SYN-ACKs dropped for an old timestamp',
      TcpExtPAWSEstab: 'segments dropped for an old timestamp: duplicates, or NAT',
      TcpExtPAWSOldAck: 'acknowledgements ignored for an old timestamp: harmless',
      TcpExtPAWSTimewait: 'segments dropped in TIME_WAIT for an old timestamp: NAT',
      TcpExtTCPACKSkippedSynRecv: 'answers held back by rate in SYN-RECV',
      TcpExtTCPACKSkippedPAWS: 'answers held back by rate to old timestamps',
      TcpExtTCPACKSkippedSeq: 'answers held back by rate to wrong sequence numbers',
      TcpExtTCPACKSkippedFinWait2: 'answers held back by rate in FIN-WAIT-2',
      TcpExtTCPACKSkippedTimeWait: 'answers held back by rate in TIME-WAIT',
      TcpExtTCPACKSkippedChallenge: 'challenges held back by rate',
    },
  },
  {
    title: 'Security and keepalive',
    counters: {
      TcpExtTCPMD5NotFound: 'segments dropped without the MD5 signature that was agreed',
      TcpExtTCPMD5Unexpected: 'segments dropped with an MD5 signature that was not agreed',
      TcpExtTCPMD5Failure: 'segments dropped with a wrong MD5 signature',
      TcpExtTCPAORequired: 'segments dropped without the TCP-AO signature that is required',
      TcpExtTCPAOBad: 'segments dropped with a wrong TCP-AO signature',
      TcpExtTCPAOKeyNotFound: 'segments dropped whose TCP-AO key is not known',
      TcpExtTCPAOGood: 'segments with a right TCP-AO signature',
      TcpExtTCPAODroppedIcmps: 'ICMP errors ignored for connections with TCP-AO',
      TcpExtTCPMinTTLDrop: 'segments dropped that came over too many routers (IP_MINTTL)',
      TcpExtTCPChallengeACK: 'challenges sent to a reset or SYN out of place: guesses, or a reboot',
      TcpExtIPReversePathFilter: 'packets dropped: they came where no answer would go (rp_filter)',
      TcpExtTCPKeepAlive: 'keepalive probes sent',
    },
  },
]

/** Every group, in the order in which they are shown. */
export const COUNTER_GROUPS: readonly CounterGroup[] = [...TCP_GROUPS, ...NETWORK_GROUPS]

/** The heading of counters that are not explained. */
export const OTHER_GROUP = 'Other'
