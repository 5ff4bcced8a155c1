import { formatBytes, formatDuration, formatNumber } from '../../units.ts'
import type { ProcessState } from '../owners/process/stat.ts'
import type { SocketRecord } from '../types.ts'
import { elapsedMs, groupByHolder, type HeldGroup } from './groups.ts'
import type { Observation, Rule, Situation } from './types.ts'
import { connectionLines, counted, endText, holderText, inText, pidsOf } from './words.ts'

/** A process of this machine does not read what it was sent. */
export const unreadData: Rule = {
  id: 'est.recvq-local',
  severity: 'warning',
  title: 'A process does not read what its peers have sent',
  explanation:
    'The bytes have arrived, the kernel keeps them, and the process does not read them: its event loop is blocked, it has paused the stream, or it waits for something else first. Soon the buffer is full, the window closes, and the peer has to stop.',
  check: situation => {
    if (situation.earlier === undefined) return []
    const unread = situation.sockets
      .of('tcp', 'established')
      .filter(one => one.inode !== 0 && isStanding(one, situation))
    return groupByHolder(unread, situation).map(group => notReading(group, situation))
  },
}

/** A peer does not read what it is sent. */
export const zeroWindowPeer: Rule = {
  id: 'est.zero-window-peer',
  severity: 'warning',
  title: 'A peer has no room for what it is sent',
  explanation:
    'The receive buffer of the peer is full because its program does not read (zero window). The kernel asks again and again whether there is room, without any limit as long as the peer answers. What is to be sent stays in memory here, and whoever writes waits.',
  check: situation => {
    const stopped = situation.sockets
      .of('tcp', 'established')
      .filter(one => one.inode !== 0 && hasNoRoom(one, situation))
    return groupByHolder(stopped, situation).map(group => notTaking(group, situation))
  },
}

/** The same number of bytes at both looks, and many of them: nobody has read, nothing has come. */
function isStanding(record: SocketRecord, { earlier, thresholds }: Situation): boolean {
  const { receiveQueue = 0 } = record
  if (receiveQueue === 0) return false
  const { memory } = record
  const isFull =
    memory !== undefined &&
    memory.receiveLimitBytes > 0 &&
    memory.receiveBytes >= memory.receiveLimitBytes * 0.8
  if (receiveQueue < thresholds.unread && !isFull) return false
  return earlier?.sockets.find(record)?.receiveQueue === receiveQueue
}

function notReading({ records, ownership, pids }: HeldGroup, situation: Situation): Observation {
  const bytes = records.reduce((sum, { receiveQueue }) => sum + (receiveQueue ?? 0), 0)
  const [pid] = pids
  const health = pid === undefined ? undefined : situation.processes.process(pid)
  return {
    summary: `${holderText(ownership)} does not read: ${formatBytes(bytes)} wait on ${counted(records.length, 'connection')}, and nothing was read for ${formatDuration(elapsedMs(situation))}`,
    evidence: [
      ...connectionLines(
        records,
        ({ receiveQueue }) => `  ${formatNumber(receiveQueue ?? 0)} bytes unread`,
      ),
      ...(health?.state === undefined ? [] : [`process state ${stateText(health.state)}`]),
    ],
    advice: [
      {
        text: 'Find out what the process does instead: computing (state R), a lock, or a stream that was paused and not resumed.',
        ...(pid !== undefined && { command: `top -H -p ${pid}` }),
      },
    ],
    sockets: records,
    pids,
  }
}

/** In the middle of a transfer a window may be closed for a moment. */
function hasNoRoom(record: SocketRecord, { earlier }: Situation): boolean {
  if (!isClosed(record)) return false
  const { timer, tcp } = record
  if ((timer?.expiresInMs ?? 0) >= LONG_PAUSE_MS || (tcp?.info?.backoff ?? 0) >= 3) return true
  const before = earlier?.sockets.find(record)
  return before !== undefined && isClosed(before) && before.sendQueue === record.sendQueue
}

/** What costs most to read is read last: there may be very many connections. */
function isClosed(record: SocketRecord): boolean {
  if (record.timer?.kind === 'zero-window-probe') return true
  return (record.sendQueue ?? 0) > 0 && record.tcp?.info?.sndWndBytes === 0
}

/** The pause doubles with each probe that finds no room. */
const LONG_PAUSE_MS = 2000

function notTaking({ records, ownership, pids }: HeldGroup, situation: Situation): Observation {
  const bytes = records.reduce((sum, { sendQueue }) => sum + (sendQueue ?? 0), 0)
  const [first] = records as [SocketRecord]
  const peer = situation.sockets.peerOf(first)
  const peerOwner = peer && situation.ownershipOf(peer)
  const reader =
    peerOwner?.kind === 'held'
      ? holderText(peerOwner)
      : peerOwner?.kind === 'unaccepted'
        ? `nobody (${holderText(peerOwner.listener)} has not accepted it)`
        : endText(first.remote)
  const [pid] = peerOwner === undefined ? [] : pidsOf(peerOwner)
  return {
    summary: `${holderText(ownership)} cannot send ${formatBytes(bytes)}: the peer has no room on ${counted(records.length, 'connection')}`,
    evidence: [
      ...connectionLines(records, ({ sendQueue, timer }) => {
        const next = timer === undefined ? '' : `, asked again ${inText(timer.expiresInMs)}`
        return `  ${formatNumber(sendQueue ?? 0)} bytes wait${next}`
      }),
      ...(peer === undefined ? [] : [`the other end is on this machine: ${reader} has to read`]),
    ],
    advice: [
      {
        text:
          peer === undefined
            ? `The program at ${endText(first.remote)} has to read. Here only a time limit for writes helps (TCP_USER_TIMEOUT, or one of the program).`
            : `Find out why the other end does not read.`,
        ...(pid !== undefined && { command: `sockctl inspect --pid ${pid}` }),
      },
    ],
    sockets: records,
    pids: [...pids, ...(peerOwner === undefined ? [] : pidsOf(peerOwner))],
  }
}

function stateText(state: ProcessState): string {
  const words: Readonly<Partial<Record<ProcessState, string>>> = {
    running: 'R (computing)',
    sleeping: 'S (waiting)',
    'waiting for a device': 'D (waiting for a disk or a network file system)',
    stopped: 'T (stopped: kill -CONT lets it go on)',
    traced: 't (stopped by a debugger)',
  }
  return words[state] ?? state
}
