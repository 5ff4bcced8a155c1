import { formatBytes, formatCount } from '../../units.ts'
import type { SocketMemory, TcpDetails, TcpInfo } from '../socket-details.ts'
import type { SocketRecord, SocketTimer } from '../types.ts'
import type { AskedDetails } from './column-choice.ts'
import { durationCell, microsecondsCell } from './columns/cells.ts'
import { idleMs, infoOf, limitOf } from './columns/tcp.ts'
import type { ListFacts } from './columns/types.ts'
import { cgroupText } from './end-words.ts'
import { userText } from './words.ts'

/**
 * Says in words what `-i`, `-m`, `-o` and `-e` ask for, in this order; what belongs together as one
 * list of facts: `rtt 1.2ms ± 321us`. What is not known, or nothing to speak of, is left out. Each is
 * safe to print, and one line.
 */
export function detailFacts(
  record: SocketRecord,
  facts: ListFacts,
  asked: AskedDetails,
): readonly (readonly string[])[] {
  const { timer, tcp, memory, drops } = record
  return [
    [
      ...(record.state === 'listen' && (asked.internals || asked.memory) ? queueFacts(record) : []),
      ...(asked.internals && tcp !== undefined ? tcpFacts(tcp, infoOf(record)) : []),
    ],
    [
      ...(asked.memory && memory !== undefined ? memoryFacts(memory) : []),
      ...(asked.memory && drops ? [formatCount(drops, 'drop')] : []),
    ],
    [
      ...(asked.timers && timer !== undefined ? [timerFact(timer)] : []),
      ...(asked.identity ? identityFacts(record, facts) : []),
    ],
  ]
}

function queueFacts({ receiveQueue, sendQueue }: SocketRecord): string[] {
  if (receiveQueue === undefined) return []
  const limit = sendQueue === undefined ? '' : `/${sendQueue}`
  return [`accept queue ${receiveQueue}${limit}`]
}

function tcpFacts({ congestion, upperProtocol }: TcpDetails, info: TcpInfo | undefined): string[] {
  return [
    ...(info === undefined ? [] : pathFacts(info)),
    ...(congestion === undefined ? [] : [congestion]),
    ...(info === undefined ? [] : [...rateFacts(info), ...amountFacts(info), ...stallFacts(info)]),
    ...(upperProtocol === undefined ? [] : [`carries ${upperProtocol}`]),
  ]
}

/** What lies between the two ends. */
function pathFacts({ rttUs, rttVarUs, minRttUs, sndCwnd, sndMssBytes }: TcpInfo): string[] {
  const deviation = rttVarUs === undefined ? '' : ` ± ${microsecondsCell(rttVarUs)}`
  const least = minRttUs === undefined ? '' : ` (min ${microsecondsCell(minRttUs)})`
  return [
    ...(rttUs ? [`rtt ${microsecondsCell(rttUs)}${deviation}${least}`] : []),
    ...(sndCwnd === undefined ? [] : [`cwnd ${sndCwnd}`]),
    ...(sndMssBytes === undefined ? [] : [`mss ${sndMssBytes}`]),
  ]
}

function rateFacts(info: TcpInfo): string[] {
  const { deliveryRateBytesPerSecond: delivery, pacingRateBytesPerSecond: pacing } = info
  return [
    ...(delivery ? [`delivers ${formatBytes(delivery)}/s`] : []),
    ...(pacing ? [`paced at ${formatBytes(pacing)}/s`] : []),
  ]
}

function amountFacts(info: TcpInfo): string[] {
  const { bytesSent, bytesReceived, totalRetrans, bytesRetrans, unacked, notsentBytes } = info
  const again = bytesRetrans ? ` (${formatBytes(bytesRetrans)})` : ''
  const retransmitted = totalRetrans ? `, ${totalRetrans} retransmitted${again}` : ''
  return [
    ...(bytesSent === undefined
      ? totalRetrans
        ? [`${totalRetrans} retransmitted`]
        : []
      : [`sent ${formatBytes(bytesSent)}${retransmitted}`]),
    ...(bytesReceived === undefined ? [] : [`received ${formatBytes(bytesReceived)}`]),
    ...(unacked ? [`${unacked} unacknowledged`] : []),
    ...(notsentBytes ? [`${formatBytes(notsentBytes)} not sent yet`] : []),
  ]
}

/** Why it does not go faster, or not on. */
function stallFacts(info: TcpInfo): string[] {
  const { lost, congestionAvoidance, retransmits } = info
  const limit = limitOf(info)
  const idle = idleMs(info)
  const share =
    limit?.share === undefined ? '' : ` ${Math.round(limit.share * 100)} % of its busy time`
  return [
    ...(lost ? [`${lost} lost`] : []),
    ...(retransmits ? [formatCount(retransmits, 'timeout in a row', 'timeouts in a row')] : []),
    ...(congestionAvoidance === undefined || congestionAvoidance === 'open'
      ? []
      : [`in ${congestionAvoidance}`]),
    ...(limit === undefined ? [] : [`limited by ${LIMITS[limit.by]}${share}`]),
    ...(idle === undefined ? [] : [`last data ${durationCell(idle)} ago`]),
  ]
}

const LIMITS = {
  'receive-window': "the peer's window",
  'send-buffer': 'its send buffer',
  application: 'the application',
} as const

function memoryFacts(memory: SocketMemory): string[] {
  const { receiveBytes, receiveLimitBytes, sendQueueBytes, sendLimitBytes, backlogBytes } = memory
  return [
    `receive memory ${formatBytes(receiveBytes)} of ${formatBytes(receiveLimitBytes)}`,
    `send memory ${formatBytes(sendQueueBytes)} of ${formatBytes(sendLimitBytes)}`,
    ...(backlogBytes ? [`backlog ${formatBytes(backlogBytes)}`] : []),
  ]
}

function timerFact({ kind, expiresInMs, retransmits }: SocketTimer): string {
  const unanswered = retransmits === 0 ? '' : `, ${retransmits} unanswered`
  return `${TIMERS[kind]} ${durationCell(expiresInMs)}${unanswered}`
}

const TIMERS = {
  retransmit: 'retransmits in',
  keepalive: 'keepalive in',
  'time-wait': 'time-wait ends in',
  'zero-window-probe': 'probes the window in',
} as const satisfies Record<SocketTimer['kind'], string>

function identityFacts(record: SocketRecord, { userName, cgroupName }: ListFacts): string[] {
  const { uid, inode, cookie, mark, cgroupId, shutdown, ip } = record
  const options = (ip?.options ?? []).filter(option => !USUAL_OPTIONS.has(option))
  return [
    ...(uid === undefined ? [] : [`uid ${userText(uid, userName)}`]),
    ...(inode === 0 ? [] : [`inode ${inode}`]),
    ...(cookie === undefined ? [] : [`cookie ${cookie.toString(16)}`]),
    ...(mark ? [`mark 0x${mark.toString(16)}`] : []),
    ...(cgroupId === undefined ? [] : [`cgroup ${cgroupText(cgroupId, cgroupName)}`]),
    ...(shutdown === undefined ? [] : [`shut down: ${shutdown}`]),
    ...(ip?.isV6only ? ['IPv6 only'] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
}

/** Set on every socket that nobody changed them on. */
const USUAL_OPTIONS: ReadonlySet<string> = new Set(['multicast_loop', 'multicast_all'])
