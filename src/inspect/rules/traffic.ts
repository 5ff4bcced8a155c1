import { formatNumber } from '../../units.ts'
import { elapsedMs, growth, lately } from './groups.ts'
import type { Rule, Situation } from './types.ts'
import { counted, percentText } from './words.ts'

/*
 * What the kernel only counts: it happens, and no socket shows it any more. These rules, and those of
 * `refused-packets.ts`, look at what has grown between two looks, never at what has gathered since
 * the machine was started.
 */

/** Queues of half-open connections that overflow. */
export const syncookiesActive: Rule = {
  id: 'sys.syncookies-active',
  severity: 'warning',
  title: 'The kernel answers with SYN cookies: a queue of handshakes is full',
  explanation:
    'When the queue of handshakes of a listener is full, the kernel keeps nothing and puts what it has to know into its answer (SYN cookie). That keeps the server reachable in a flood; without timestamps these connections lose window scaling and selective acknowledgement.',
  check: situation => {
    const sent = growth(situation, 'TcpExtSyncookiesSent') ?? 0
    if (sent === 0) return []
    const received = growth(situation, 'TcpExtSyncookiesRecv') ?? 0
    const failed = growth(situation, 'TcpExtSyncookiesFailed') ?? 0
    return [
      {
        summary: `${counted(sent, 'SYN cookie')} sent ${lately(situation)}: a queue of handshakes is full`,
        evidence: [
          `${formatNumber(received)} came back as connections, ${formatNumber(failed)} were not valid`,
          failed > received
            ? 'most are never completed: a flood'
            : 'most are completed: real clients',
        ],
        advice: [
          {
            text: 'See which port it is:',
            command: 'sockctl inspect --state syn-recv',
          },
          {
            text: 'Leave net.ipv4.tcp_syncookies at 1, and limit new connections in the firewall.',
          },
        ],
      },
    ]
  },
}

/** Connections that are broken off. */
export const resets: Rule = {
  id: 'sys.resets',
  severity: 'note',
  title: 'Many connections are broken off instead of closed',
  explanation:
    'A connection that is reset loses what was under way. Programs cause it when they close with unread data (in Node often destroy()) or with SO_LINGER 0; the kernel when a peer stays silent for too long.',
  check: situation => {
    // Whatever the reason, each end on this machine is counted here once.
    const broken = growth(situation, 'TcpEstabResets') ?? 0
    const rate = perSecond(broken, situation)
    if (rate < situation.thresholds.resets) return []
    const reasons = RESET_REASONS.map(([counter, text]) => ({
      text,
      count: growth(situation, counter) ?? 0,
    })).filter(({ count }) => count > 0)
    const known = reasons.reduce((sum, { count }) => sum + count, 0)
    const others = broken - known
    return [
      {
        summary: `${formatNumber(rate)} connections a second are broken off (reset)`,
        evidence: [
          ...reasons.map(({ text, count }) => `${formatNumber(count)} ${text}`),
          ...(others > 0 ? [`${formatNumber(others)} by the other end`] : []),
        ],
        advice: [
          {
            text: 'In the program: read to the end before closing, and end() instead of destroy() or SO_LINGER 0.',
          },
          {
            text: 'See which they are:',
            command: "sudo tcpdump -ni any 'tcp[tcpflags] & (tcp-rst) != 0'",
          },
        ],
      },
    ]
  },
}

const RESET_REASONS = [
  ['TcpExtTCPAbortOnClose', 'closed here with data that nobody had read'],
  ['TcpExtTCPAbortOnData', 'closed here with SO_LINGER 0, or sent to after the close'],
  ['TcpExtTCPAbortOnTimeout', 'given up here, because the peer was silent'],
  ['TcpExtTCPAbortOnLinger', 'closed here and not waited for'],
] as const

/** Connects that fail. */
export const failedConnects: Rule = {
  id: 'sys.attempt-fails',
  severity: 'note',
  title: 'Many connects of this machine fail',
  explanation:
    'A program connects to a port at which nobody listens, again and again: a server that is down, a wrong port, a retry without pause.',
  check: situation => {
    const failed = growth(situation, 'TcpAttemptFails') ?? 0
    const made = growth(situation, 'TcpActiveOpens') ?? 0
    if (
      failed < LEAST_FAILURES ||
      failed < (made * situation.thresholds['failed-connects']) / 100
    ) {
      return []
    }
    return [
      {
        summary: `${formatNumber(failed)} of ${formatNumber(Math.max(made, failed))} connects ${lately(situation)} failed`,
        evidence: [`TcpAttemptFails ${formatNumber(failed)}, TcpActiveOpens ${formatNumber(made)}`],
        advice: [
          {
            text: 'See who is refused, and where:',
            command: "sudo tcpdump -ni any 'tcp[tcpflags] & (tcp-rst) != 0'",
          },
        ],
      },
    ]
  },
}

const LEAST_FAILURES = 10

/** How much of all that is sent is sent again. */
export const retransmissionRate: Rule = {
  id: 'sys.retrans-rate',
  severity: 'note',
  title: 'Much of what this machine sends has to be sent again',
  explanation:
    'Segments are lost on the way, or their acknowledgements are. Over a network one in a thousand is usual.',
  check: situation => {
    const again = growth(situation, 'TcpRetransSegs') ?? 0
    const sent = growth(situation, 'TcpOutSegs') ?? 0
    const percent = (again / Math.max(1, sent)) * 100
    const { thresholds } = situation
    if (sent < LEAST_SEGMENTS || percent < thresholds.retransmissions) return []
    return [
      {
        severity: percent >= thresholds['retransmissions-high'] ? 'warning' : 'note',
        summary: `${percentText(again, sent)} of the segments sent ${lately(situation)} were sent again`,
        evidence: [`${formatNumber(again)} of ${formatNumber(sent)}`],
        advice: [
          {
            text: 'See which connections lose them (retrans):',
            command: 'sockctl inspect -ti',
          },
        ],
      },
    ]
  },
}

const LEAST_SEGMENTS = 100

/** Connects that were asked for more than once, and are gone from the tables by now. */
export const synRetransmits: Rule = {
  id: 'sys.syn-retrans',
  severity: 'note',
  title: 'Connects are only answered when they are asked again',
  explanation:
    'The first packet of a connection gets lost, or the queue of the server is full for a moment: each such connect takes a second longer.',
  check: situation => {
    const again = growth(situation, 'TcpExtTCPSynRetrans') ?? 0
    // Those that still wait are a finding of their own, with a name and an address.
    const waiting = situation.sockets
      .of('tcp', 'syn-sent')
      .some(({ timer }) => (timer?.retransmits ?? 0) > 0)
    if (waiting || again < situation.thresholds['syn-retransmits']) return []
    return [
      {
        summary: `${counted(again, 'SYN')} had to be sent again ${lately(situation)}`,
        evidence: ['TcpExtTCPSynRetrans'],
        advice: [
          {
            text: 'See to whom:',
            command: "sudo tcpdump -ni any 'tcp[tcpflags] == tcp-syn'",
          },
        ],
      },
    ]
  },
}

function perSecond(count: number, situation: Situation): number {
  return count / (elapsedMs(situation) / 1000)
}
