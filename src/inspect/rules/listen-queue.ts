import { formatNumber } from '../../units.ts'
import { isInetEnd } from '../ends.ts'
import { isStopped } from '../owners/process/stopped.ts'
import type { SocketRecord } from '../types.ts'
import { growth, wasThere } from './groups.ts'
import { isLocal } from './socket-index.ts'
import type { Advice, Observation, ProcessHealth, Rule, Situation } from './types.ts'
import { counted, endText, holderText, percentText, pidsOf } from './words.ts'

/** Listeners whose process does not accept fast enough, or at all. */
export const queueFull: Rule = {
  id: 'listen.queue-full',
  severity: 'problem',
  title: 'Connections wait at a listener that does not accept them',
  explanation:
    'The kernel makes connections by itself and puts them into a queue, from which the process takes them with accept(). When the queue is full, new connections are dropped in silence: clients hang in SYN_SENT and try again. The port looks open all the while. A larger queue helps only against short bursts: it is min(the number given to listen(), net.core.somaxconn), fixed when listen() is called.',
  check: situation =>
    situation.sockets.of('tcp', 'listen').flatMap(listener => full(listener, situation)),
}

/** Listeners that have turned clients away. */
export const overflowHistory: Rule = {
  id: 'listen.overflow-history',
  severity: 'note',
  title: 'A listener has dropped connection attempts',
  explanation:
    'Each time the accept queue is full, the kernel drops the client’s attempt, which the client repeats a second later. The counter of a listener starts when it is made. Now the queue is not full.',
  check: overflows,
}

/** Queues that are small because somebody limited them, and were too small. */
export const backlogClamped: Rule = {
  id: 'listen.backlog-clamped',
  severity: 'note',
  title: 'The accept queue of a listener is very small, and was in use',
  explanation:
    'The limit of a queue is min(the number given to listen(), net.core.somaxconn). Both have to be raised, and the process has to call listen() again: raising somaxconn alone does nothing for a listener that is there.',
  check: clamped,
}

/**
 * Whether connections wait because of something that is a finding of its own: a process that is
 * stopped, or a full queue. What follows from it need not be told again.
 */
export function explainsItsQueue(listener: SocketRecord, situation: Situation): boolean {
  return isFull(listener) || areStopped(holders(listener, situation))
}

/** Whether every process that could accept is stopped (SIGSTOP, Ctrl-Z, a debugger). */
export function areStopped(processes: readonly ProcessHealth[]): boolean {
  return processes.length > 0 && processes.every(({ state }) => isStopped(state))
}

/** What is known of the processes that hold a socket. */
export function holders(record: SocketRecord, situation: Situation): ProcessHealth[] {
  return pidsOf(situation.ownershipOf(record)).flatMap(pid => {
    const health = situation.processes.process(pid)
    return health === undefined ? [] : [health]
  })
}

/**
 * How many attempts to connect a listener has dropped since it was made, at most. The kernel counts
 * other segments that it throws away among its drops (those of TCP_DEFER_ACCEPT, for one), but it
 * counts queues that were full apart, for all listeners together.
 */
function turnedAway({ drops = 0 }: SocketRecord, { system }: Situation): number {
  return Math.min(drops, system.counter('TcpExtListenOverflows') ?? drops)
}

function isFull({ receiveQueue, sendQueue }: SocketRecord): boolean {
  return receiveQueue !== undefined && sendQueue !== undefined && receiveQueue > sendQueue
}

function full(listener: SocketRecord, situation: Situation): Observation[] {
  const { receiveQueue: waiting, sendQueue: limit } = listener
  if (waiting === undefined || limit === undefined || waiting === 0) return []
  const processes = holders(listener, situation)
  if (areStopped(processes)) return []
  const share = (waiting / Math.max(1, limit)) * 100
  const before = situation.earlier?.sockets.find(listener)?.receiveQueue ?? 0
  const shareBefore = (before / Math.max(1, limit)) * 100
  const isHigh = [share, shareBefore].every(one => one >= situation.thresholds.queue)
  if (!isFull(listener) && !isHigh) return []
  const ownership = situation.ownershipOf(listener)
  const who = holderText(ownership)
  const pids = pidsOf(ownership)
  return [
    {
      severity: isFull(listener) ? 'problem' : 'warning',
      summary: isFull(listener)
        ? `${who} does not accept on ${endText(listener.local)}: its queue is full, ${counted(waiting, 'connection')} ${waiting === 1 ? 'waits' : 'wait'} and new ones are dropped`
        : `${who} accepts too slowly on ${endText(listener.local)}: ${formatNumber(waiting)} of ${formatNumber(limit)} places of its queue are taken`,
      evidence: [
        ...queueFacts(listener, situation),
        ...processes.flatMap(processFacts),
        ...(pids.length > 1
          ? [`${pids.length} processes hold this listener; any of them may accept`]
          : []),
      ],
      advice: queueAdvice(listener, processes),
      sockets: [listener],
      pids,
    },
  ]
}

/** What the queue shows beside its length. */
export function queueFacts(listener: SocketRecord, situation: Situation): string[] {
  const { receiveQueue = 0, sendQueue } = listener
  const dropped = turnedAway(listener, situation)
  const gaveUp = situation.sockets
    .of('tcp', 'close-wait')
    .filter(one => one.inode === 0 && situation.sockets.listenerFor(one.local) === listener).length
  const overflowed = growth(situation, 'TcpExtListenOverflows') ?? 0
  const limit = sendQueue === undefined ? '' : `, for ${formatNumber(sendQueue)} (full at one more)`
  return [
    `${formatNumber(receiveQueue)} in the queue${limit}`,
    ...(gaveUp > 0 ? [`${formatNumber(gaveUp)} of them already given up by the client`] : []),
    ...(dropped > 0 ? [`${counted(dropped, 'attempt')} dropped since it listens`] : []),
    ...(overflowed > 0 ? [`${counted(overflowed, 'attempt')} dropped just now`] : []),
  ]
}

/** What of a process can keep it from accepting. */
function processFacts({ pid, state, descriptors, descriptorLimit }: ProcessHealth): string[] {
  const isAtLimit =
    descriptors !== undefined &&
    descriptorLimit !== undefined &&
    descriptors >= descriptorLimit * 0.95
  return [
    ...(state === 'waiting for a device'
      ? [`pid ${pid} waits for a disk or a network file system (state D)`]
      : []),
    ...(state === 'running' ? [`pid ${pid} is computing (state R)`] : []),
    ...(isAtLimit
      ? [
          `pid ${pid} has ${formatNumber(descriptors)} of ${formatNumber(descriptorLimit)} descriptors open: accept() fails (EMFILE)`,
        ]
      : []),
  ]
}

function queueAdvice({ local }: SocketRecord, processes: readonly ProcessHealth[]): Advice[] {
  const [one] = processes
  const port = isInetEnd(local) ? local.port : undefined
  return [
    {
      text: 'Find out why it does not accept: no descriptor left, a blocked event loop, all workers busy, or a child that only inherited the listener.',
      ...(one !== undefined && {
        command: `sudo cat /proc/${one.pid}/stack /proc/${one.pid}/wchan`,
      }),
    },
    ...(port === undefined ? [] : [{ text: 'See who waits:', command: `sockctl inspect ${port}` }]),
    {
      text: 'Only if it is merely slow in bursts: a larger queue, in listen() and in the kernel, and then a restart of the server.',
      command: 'sudo sysctl net.core.somaxconn=4096',
    },
  ]
}

function overflows(situation: Situation): Observation[] {
  const listeners = situation.sockets
    .of('tcp', 'listen')
    .filter(one => turnedAway(one, situation) > 0 && !explainsItsQueue(one, situation))
  const known = listeners.map(listener => {
    const ownership = situation.ownershipOf(listener)
    const dropped = turnedAway(listener, situation)
    const grown = turnedAwayNow(listener, situation)
    return {
      severity: grown > 0 ? ('warning' as const) : ('note' as const),
      summary: `${holderText(ownership)} has turned away ${counted(dropped, 'attempt')} to connect to ${endText(listener.local)} since it listens`,
      evidence: [
        ...(grown > 0 ? [`${formatNumber(grown)} of them just now`] : []),
        `its queue has ${formatNumber(listener.receiveQueue ?? 0)} of ${formatNumber(listener.sendQueue ?? 0)} places taken now`,
      ],
      advice: [
        { text: 'If this goes on, see what keeps it from accepting at times.' },
        {
          text: 'Against bursts: a larger queue, in listen() and in the kernel, and a restart of the server.',
          command: 'sudo sysctl net.core.somaxconn=4096',
        },
      ],
      sockets: [listener],
      pids: pidsOf(ownership),
    }
  })
  if (known.length > 0 || situation.sockets.of('tcp', 'listen').some(isFull)) return known
  const grown = growth(situation, 'TcpExtListenOverflows') ?? 0
  if (grown === 0) return []
  return [
    {
      summary: `${counted(grown, 'attempt')} to connect ${grown === 1 ? 'was' : 'were'} dropped just now, because an accept queue was full`,
      evidence: ['which listener it was is not known: the kernel did not tell it for each'],
      advice: [{ text: 'See the queues of all listeners:', command: 'sockctl inspect -tl' }],
    },
  ]
}

/** How many of them since the earlier look. */
function turnedAwayNow(listener: SocketRecord, situation: Situation): number {
  const before = situation.earlier?.sockets.find(listener)?.drops
  const overflowed = growth(situation, 'TcpExtListenOverflows')
  if (before === undefined || overflowed === undefined) return 0
  return Math.min((listener.drops ?? 0) - before, overflowed)
}

function clamped(situation: Situation): Observation[] {
  const [somaxconn] = situation.system.setting('net/core/somaxconn') ?? []
  return situation.sockets.of('tcp', 'listen').flatMap(listener => {
    const { sendQueue: limit, receiveQueue = 0, local } = listener
    if (limit === undefined || isLocal(local) || explainsItsQueue(listener, situation)) return []
    const isCut = limit === somaxconn && limit <= 128
    if (!isCut && limit >= SMALL_QUEUE) return []
    // A small queue is no fault where nobody has to wait.
    const wasInUse = receiveQueue > 0 && wasThere(situation, listener)
    if (!wasInUse && turnedAway(listener, situation) === 0) return []
    const ownership = situation.ownershipOf(listener)
    return [
      {
        summary: `${holderText(ownership)} listens on ${endText(local)} with a queue for only ${counted(limit, 'connection')}`,
        evidence: [
          `${formatNumber(receiveQueue)} wait in it (${percentText(receiveQueue, Math.max(1, limit))})`,
          ...(isCut ? [`net.core.somaxconn is ${somaxconn}, and cuts what listen() asks for`] : []),
        ],
        advice: [
          { text: 'Give listen() a larger backlog (in Node: server.listen({ port, backlog })).' },
          ...(isCut
            ? [
                {
                  text: 'Raise the limit of the kernel, and restart the server:',
                  command: 'sudo sysctl net.core.somaxconn=4096',
                },
              ]
            : []),
        ],
        sockets: [listener],
        pids: pidsOf(ownership),
      },
    ]
  })
}

/** listen(2) with less than this is seldom meant for a network. */
const SMALL_QUEUE = 16
