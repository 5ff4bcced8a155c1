import type { TcpInfo } from '../../socket-details.ts'
import type { Detail, SocketRecord } from '../../types.ts'
import { bytesCell, durationCell, microsecondsCell, rateCell } from './cells.ts'
import { infoOf } from './tcp.ts'
import type { Column } from './types.ts'

type Fact = readonly [heading: string, text: string]

/** Every field of tcp_info but `options`, whose name would say too little here: what it means. */
const FACTS: Readonly<Record<Exclude<keyof TcpInfo, 'options'>, Fact>> = {
  rttUs: ['RTT', 'Round trip, smoothed; in a table with its mean deviation'],
  rttVarUs: ['RTT-VAR', 'Mean deviation of the round trip'],
  minRttUs: ['MIN-RTT', 'Shortest round trip of the last minutes'],
  rcvRttUs: ['RECV-RTT', 'Round trip as the receiving side sees it'],
  rtoUs: ['RTO', 'How long it waits for an acknowledgement before it sends again'],
  atoUs: ['ATO', 'How long it may hold back an acknowledgement'],
  totalRetrans: ['RETRANS', 'Segments sent again since it was made'],
  retrans: ['RETRANS-OUT', 'Segments sent again and not acknowledged yet'],
  retransmits: ['TIMEOUTS', 'Timeouts in a row without an answer'],
  probes: ['PROBES', 'Probes without an answer'],
  backoff: ['BACKOFF', 'How often the timeout was doubled'],
  lost: ['LOST', 'Segments held to be lost'],
  unacked: ['UNACKED', 'Segments not acknowledged yet'],
  sacked: ['SACKED', 'Segments acknowledged out of order (RFC 2018)'],
  reordering: [
    'REORDERING',
    'How far out of order segments may come before one is held to be lost',
  ],
  reordSeen: ['REORDERED', 'How often segments overtook each other'],
  dsackDups: ['DUPLICATES', 'Segments that the peer got twice (RFC 2883)'],
  rcvOoopack: ['OUT-OF-ORDER', 'Segments that came out of order'],
  sndCwnd: ['CWND', 'Congestion window, in segments'],
  sndSsthresh: ['SSTHRESH', 'Where slow start ends, in segments; absent: nowhere'],
  congestionAvoidance: ['CA-STATE', 'open, disorder, cwr, recovery or loss'],
  sndMssBytes: ['MSS', 'Largest segment it sends'],
  rcvMssBytes: ['RECV-MSS', 'Largest segment it got, by its own guess'],
  advmssBytes: ['ADVMSS', 'Largest segment it told the peer to send'],
  pmtuBytes: ['PMTU', 'Largest packet that passes the whole way'],
  deliveryRateBytesPerSecond: ['DELIVERY', 'How fast data reaches the peer, last measured'],
  pacingRateBytesPerSecond: ['PACING', 'How fast it sends at most; absent: no limit'],
  maxPacingRateBytesPerSecond: ['MAX-PACING', 'The limit of that (SO_MAX_PACING_RATE)'],
  bytesSent: ['SENT', 'Sent, what was sent again included'],
  bytesAcked: ['ACKED', 'Acknowledged by the peer; opening the connection counts as 1'],
  bytesReceived: ['RECEIVED', 'Received and acknowledged'],
  bytesRetrans: ['RESENT', 'Sent again'],
  notsentBytes: ['NOTSENT', 'Written by the process and not sent yet'],
  segsOut: ['SEGS-OUT', 'Segments sent'],
  segsIn: ['SEGS-IN', 'Segments received'],
  dataSegsOut: ['DATA-OUT', 'Segments sent that carry data'],
  dataSegsIn: ['DATA-IN', 'Segments received that carry data'],
  delivered: ['DELIVERED', 'Segments that reached the peer'],
  deliveredCe: ['DELIVERED-CE', 'Of those the ones marked by congestion (RFC 3168)'],
  lastDataSentMs: ['LAST-SENT', 'Since data was last sent'],
  lastDataRecvMs: ['LAST-RECEIVED', 'Since data was last received'],
  lastAckRecvMs: ['LAST-ACK', 'Since something was last acknowledged'],
  busyTimeUs: ['BUSY', 'How long it had data to send, altogether'],
  rwndLimitedUs: ['RWND-LIMITED', "Of that the time it waited for room in the peer's window"],
  sndbufLimitedUs: ['SNDBUF-LIMITED', 'Of that the time its send buffer was too small'],
  isAppLimited: ['APP-LIMITED', 'Whether it sends no faster because the process writes no faster'],
  sndWndBytes: ['SEND-WINDOW', 'How much the peer has room for'],
  rcvWndBytes: ['RECV-WINDOW', 'How much it told the peer to have room for'],
  rcvSpaceBytes: ['RECV-SPACE', 'What the process reads in a round trip'],
  rcvSsthreshBytes: ['RECV-SSTHRESH', 'How large a window it would offer'],
  sndWscale: ['SEND-WSCALE', "The scale of the peer's window, as a power of 2 (RFC 7323)"],
  rcvWscale: ['RECV-WSCALE', 'The scale of its own window'],
  rehash: ['REHASH', 'How often it chose another path after timeouts'],
  totalRto: ['RTOS', 'Timeouts since it was made'],
  totalRtoRecoveries: ['RTO-RECOVERIES', 'How often it recovered from timeouts'],
  totalRtoTimeMs: ['RTO-TIME', 'How long it spent recovering from timeouts'],
}

const TCP_INFO = { details: ['tcp-info'] as readonly Detail[] }

const KINDS: Partial<Record<keyof TcpInfo, 'string' | 'boolean'>> = {
  congestionAvoidance: 'string',
  isAppLimited: 'boolean',
}

/** The state of a TCP connection in numbers (`-i`), by the kernel's own names. */
export const TCP_INFO_COLUMNS = Object.fromEntries(
  (Object.keys(FACTS) as (keyof typeof FACTS)[]).map(key => [key, infoColumn(key)]),
) as Readonly<Record<keyof typeof FACTS, Column>>

function infoColumn(key: keyof typeof FACTS): Column {
  const [heading, text] = FACTS[key]
  const kind = KINDS[key] ?? 'number'
  return {
    // What people would take it for is `totalRetrans`.
    key: key === 'retrans' ? 'retransOut' : key,
    heading,
    type: kind,
    text,
    standsIn: 'json and csv',
    needs: TCP_INFO,
    ...(kind === 'number' && { align: 'right' }),
    value: record => fieldOf(record, key),
    ...cellByUnit(key),
  }
}

function fieldOf(record: SocketRecord, key: keyof typeof FACTS): TcpInfo[typeof key] {
  const info = infoOf(record)
  // Until there is a round trip this is what the kernel begins with.
  if (key === 'rttVarUs' && info?.rttUs === 0) return undefined
  const value = info?.[key]
  return value === 0 && ZERO_IS_UNKNOWN.has(key) ? undefined : value
}

/** Not measured yet: nothing takes no time. */
const ZERO_IS_UNKNOWN: ReadonlySet<keyof TcpInfo> = new Set([
  'rttUs',
  'rttVarUs',
  'rcvRttUs',
  'deliveryRateBytesPerSecond',
])

/** The name ends in the unit: that is how the number is written. */
function cellByUnit(key: keyof typeof FACTS): Pick<Column, 'cell'> {
  const number = (record: SocketRecord): number | undefined =>
    fieldOf(record, key) as number | undefined
  if (key === 'rttUs') {
    return { cell: record => roundTripCell(number(record), infoOf(record)?.rttVarUs) }
  }
  if (key.endsWith('Us')) return { cell: record => microsecondsCell(number(record)) }
  if (key.endsWith('Ms')) return { cell: record => durationCell(number(record)) }
  if (key.endsWith('PerSecond')) return { cell: record => rateCell(number(record)) }
  // The size of a segment is known as a number: 1448, not 1.4 KiB.
  if (key.endsWith('mssBytes') || key.endsWith('MssBytes') || key === 'pmtuBytes') return {}
  if (key.endsWith('Bytes') || key.startsWith('bytes')) {
    return { cell: record => bytesCell(number(record)) }
  }
  return {}
}

/** With the deviation in the same unit: `1.2ms±0.3`. */
function roundTripCell(rttUs: number | undefined, deviationUs: number | undefined): string {
  const text = microsecondsCell(rttUs)
  if (rttUs === undefined || deviationUs === undefined) return text
  if (rttUs < 1000) return `${text}±${deviationUs}`
  return `${text}±${rttUs < 1_000_000 ? (deviationUs / 1000).toFixed(1) : (deviationUs / 1e6).toFixed(1)}`
}
