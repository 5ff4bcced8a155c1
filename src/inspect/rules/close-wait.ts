import { formatDuration, formatNumber } from '../../units.ts'
import type { SocketRecord } from '../types.ts'
import { elapsedMs, groupByHolder, type HeldGroup, holderKey } from './groups.ts'
import { explainsItsQueue } from './listen-queue.ts'
import type { Advice, Observation, Rule, Situation } from './types.ts'
import { counted, endText, holderText, isAccepted, percentText, tally } from './words.ts'

/** Connections that the peer has ended, and a process of this machine still holds. */
export const closeWaitLeak: Rule = {
  id: 'tcp.close-wait.leak',
  severity: 'warning',
  title: 'A process does not close connections that its peers have ended',
  explanation:
    'The peer has closed, and this program has not called close(). The kernel waits for it without any time limit, and no kernel setting changes that: keepalive cannot help either, because the peer is gone already. In the end the process runs out of file descriptors. Usual causes are a response that is not read to its end, an error path that forgets the socket, and a program that is blocked.',
  check: situation =>
    groupByHolder(situation.sockets.of('tcp', 'close-wait'), situation)
      .filter(({ ownership }) => ownership.kind !== 'unaccepted' && ownership.kind !== 'orphan')
      .flatMap(group => leak(group, situation)),
}

/** Connections that nobody has accepted before their clients gave up. */
export const closeWaitUnaccepted: Rule = {
  id: 'tcp.close-wait.unaccepted',
  severity: 'warning',
  title: 'Clients gave up before their connection was accepted',
  explanation:
    'The kernel made these connections on behalf of a listener, and its process never called accept(). They belong to no process yet, which is why other tools show no owner. This is no leak of sockets: the process that listens is stuck, busy or has no descriptor left.',
  check: situation =>
    groupByHolder(situation.sockets.of('tcp', 'close-wait'), situation)
      .filter(({ ownership }) => ownership.kind === 'unaccepted')
      .flatMap(group => unaccepted(group, situation)),
}

function leak(group: HeldGroup, situation: Situation): Observation[] {
  const { records, ownership, pids } = group
  const { thresholds } = situation
  const grown = grownBy(group, situation)
  const limit = descriptorLimit(group, situation)
  const isGrowing = grown !== undefined && grown >= thresholds['close-wait-growth']
  const isMany = records.length >= thresholds['close-wait']
  const silent = silentFor(records)
  const isOld = silent !== undefined && silent >= thresholds['close-wait-age']
  if (!isMany && !isGrowing && !isOld) return []
  const nearsLimit = limit !== undefined && records.length >= limit.most / 2
  const who = holderText(ownership)
  const growing = isGrowing
    ? `, ${formatNumber(grown)} more than ${formatDuration(elapsedMs(situation))} ago`
    : ''
  return [
    {
      severity: nearsLimit ? 'problem' : isMany || isGrowing ? 'warning' : 'note',
      summary: `${who} holds ${counted(records.length, 'connection')} that the peer has closed (CLOSE_WAIT)${growing}`,
      evidence: [
        ...peers(records, situation),
        ...unread(records),
        ...(silent === undefined
          ? []
          : [`the longest silence of a peer is ${formatDuration(silent)}`]),
        ...(limit === undefined
          ? []
          : [
              `${formatNumber(limit.open)} of ${formatNumber(limit.most)} descriptors are open (${percentText(limit.open, limit.most)})`,
            ]),
      ],
      advice: leakAdvice(group, situation),
      sockets: records,
      pids,
    },
  ]
}

function leakAdvice({ records, pids }: HeldGroup, situation: Situation): Advice[] {
  const [first] = records
  const isServer = first !== undefined && isAccepted(situation, first)
  const [pid] = pids
  return [
    {
      text: isServer
        ? `Find in its code what ends a conversation: read to the end, then close; set a timeout for idle clients. In Node: socket.setTimeout(), and a 'data' handler or resume(), without which 'end' never comes.`
        : `Find in its code who talks to ${endText(first?.remote)}: read each response to its end or cancel it, and close it on errors too.`,
    },
    ...(pid === undefined
      ? []
      : [
          { text: 'See them:', command: `sockctl inspect --state close-wait --pid ${pid}` },
          {
            text: 'Only a restart frees the descriptors until then. Removing the sockets from the kernel (ss -K) does not.',
          },
        ]),
  ]
}

function unaccepted(group: HeldGroup, situation: Situation): Observation[] {
  const { records, ownership, pids } = group
  const [first] = records
  const listener = first && situation.sockets.listenerFor(first.local)
  // A stopped process, or a full queue, is the finding then, and these are part of it.
  if (listener !== undefined && explainsItsQueue(listener, situation)) return []
  const who = ownership.kind === 'unaccepted' ? holderText(ownership.listener) : 'nobody'
  const [pid] = pids
  return [
    {
      summary: `${who} has not accepted ${counted(records.length, 'connection')} on ${endText(first?.local)} whose ${records.length === 1 ? 'client has' : 'clients have'} given up`,
      evidence: [
        ...(listener === undefined
          ? []
          : [`${formatNumber(listener.receiveQueue ?? 0)} wait in its accept queue`]),
        `clients: ${tally(records.map(({ remote }) => endText(remote)))}`,
      ],
      advice: [
        {
          text: 'Find out why it does not accept: a blocked event loop, every worker busy, no descriptor left.',
          ...(pid !== undefined && { command: `sockctl inspect --pid ${pid}` }),
        },
      ],
      sockets: records,
      pids,
    },
  ]
}

/** How many more the same processes hold than at the earlier look. */
function grownBy({ ownership, records }: HeldGroup, { earlier }: Situation): number | undefined {
  if (earlier === undefined || ownership.kind !== 'held') return undefined
  const key = holderKey(ownership)
  const before = earlier.sockets
    .of('tcp', 'close-wait')
    .filter(one => holderKey(earlier.ownershipOf(one)) === key)
  return records.length - before.length
}

function descriptorLimit(
  { pids }: HeldGroup,
  { processes }: Situation,
): { open: number; most: number } | undefined {
  const [pid] = pids
  const health = pid === undefined ? undefined : processes.process(pid)
  const { descriptors: open, descriptorLimit: most } = health ?? {}
  return open === undefined || most === undefined ? undefined : { open, most }
}

/** Against whom: servers see clients at one of their ports, clients see servers. */
function peers(records: readonly SocketRecord[], situation: Situation): string[] {
  const accepted = records.filter(one => isAccepted(situation, one))
  const outgoing = records.filter(one => !isAccepted(situation, one))
  return [
    ...(outgoing.length > 0
      ? [`outgoing, to ${tally(outgoing.map(({ remote }) => endText(remote)))}`]
      : []),
    ...(accepted.length > 0
      ? [`accepted on ${tally(accepted.map(({ local }) => endText(local)))}`]
      : []),
  ]
}

function unread(records: readonly SocketRecord[]): string[] {
  const full = records.filter(({ receiveQueue }) => (receiveQueue ?? 0) > 1).length
  return full === 0 ? [] : [`${formatNumber(full)} of them have bytes that it never read`]
}

/** The longest time in which a peer has sent nothing: no age of the state, but not older than it. */
function silentFor(records: readonly SocketRecord[]): number | undefined {
  let longest: number | undefined
  for (const { tcp } of records) {
    const silent = tcp?.info?.lastAckRecvMs
    if (silent !== undefined && silent > (longest ?? -1)) longest = silent
  }
  return longest
}
