import { formatNumber } from '../../units.ts'
import { isInetEnd, portOf } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import { groupBy, groupByHolder, growth } from './groups.ts'
import type { Advice, Observation, Rule, Situation } from './types.ts'
import { counted, endText, holderText, hostText, inText, pidsOf, tally } from './words.ts'

/** Connects to which nobody answers. */
export const synSentBlocked: Rule = {
  id: 'tcp.syn-sent.blocked',
  severity: 'warning',
  title: 'A connect gets no answer at all',
  explanation:
    'A closed port or a firewall that rejects would answer at once. Silence means that the packets are dropped: by a firewall, a security group, a wrong address, a machine that is down, or a server whose accept queue is full. connect() fails after about two minutes (ETIMEDOUT).',
  check: situation => {
    const unanswered = situation.sockets
      .of('tcp', 'syn-sent')
      .filter(({ timer }) => (timer?.retransmits ?? 0) > 0)
    return [...groupBy(unanswered, ({ remote }) => endText(remote)).values()].map(group =>
      blocked(group, situation),
    )
  },
}

/** Very many connects at once. */
export const synSentBurst: Rule = {
  id: 'tcp.syn-sent.burst',
  severity: 'note',
  title: 'A process opens very many connections at once',
  explanation:
    'Each connect that is not answered yet holds a descriptor and a port. So many at once mean that nothing limits how many the program starts, or that it has no time limit for them.',
  check: situation =>
    groupByHolder(situation.sockets.of('tcp', 'syn-sent'), situation)
      .filter(({ records }) => records.length >= situation.thresholds['syn-sent'])
      .map(({ records, ownership, pids }) => ({
        summary: `${holderText(ownership)} has ${counted(records.length, 'connect')} under way at once`,
        evidence: [`to ${tally(records.map(({ remote }) => endText(remote)))}`],
        advice: [
          {
            text: 'Limit how many it starts at a time, and give each a time limit of a few seconds.',
          },
        ],
        sockets: records,
        pids,
      })),
}

/** Handshakes that clients do not complete. */
export const synRecvPileup: Rule = {
  id: 'tcp.syn-recv.pileup',
  severity: 'warning',
  title: 'Handshakes at a listener are not completed',
  explanation:
    'The kernel has answered these clients, and their confirmation does not come (SYN_RECV). From many addresses it is a flood, or the way back to them is broken; from one it is an asymmetric route or a load balancer. When the queue is full, SYN cookies take its place, if they are on. A listener with TCP_DEFER_ACCEPT shows them too: its clients are connected and silent.',
  check: situation => [
    ...[
      ...groupBy(
        situation.sockets.of('tcp', 'syn-recv'),
        ({ local }) => `${portOf(local)}`,
      ).values(),
    ].flatMap(group => pileup(group, situation)),
  ],
}

function blocked(group: readonly SocketRecord[], situation: Situation): Observation {
  const [first] = group as [SocketRecord]
  const holders = groupByHolder(group, situation)
  const who = holders.map(({ ownership }) => holderText(ownership)).join(' and ')
  const target = endText(first.remote)
  const most = Math.max(...group.map(({ timer }) => timer?.retransmits ?? 0))
  const next = Math.min(...group.map(({ timer }) => timer?.expiresInMs ?? Number.POSITIVE_INFINITY))
  const listener = isHere(first, situation)
    ? situation.sockets.listenerFor(first.remote ?? first.local)
    : undefined
  const isQueueFull =
    listener !== undefined &&
    (listener.receiveQueue ?? 0) > (listener.sendQueue ?? Number.POSITIVE_INFINITY)
  return {
    summary: `${who} gets no answer from ${target}${group.length > 1 ? ` (${counted(group.length, 'connect')})` : ''}`,
    evidence: [
      `SYN sent again ${counted(most, 'time')}, next ${inText(next)}`,
      ...(isQueueFull
        ? [
            `it is on this machine: ${holderText(situation.ownershipOf(listener))} listens there, and its accept queue is full`,
          ]
        : []),
    ],
    advice: isQueueFull
      ? [
          {
            text: 'Look at that listener first.',
            command: `sockctl inspect ${portOf(first.remote)}`,
          },
        ]
      : silenceAdvice(first),
    sockets: group,
    pids: holders.flatMap(({ pids }) => pids),
  }
}

function silenceAdvice({ remote }: SocketRecord): Advice[] {
  const host = hostText(remote)
  const port = portOf(remote) ?? 0
  return [
    { text: 'Is this the way that was meant?', command: `ip route get ${host}` },
    {
      text: 'Does anything come back?',
      command: `sudo tcpdump -ni any host ${host} and port ${port}`,
    },
    { text: 'Does a firewall here drop it?', command: 'sudo nft list ruleset' },
    { text: 'In the program: a time limit for connect, so that it does not hang for two minutes.' },
  ]
}

/** Whether the target is an address that sockets of this machine have, too. */
function isHere({ local, remote }: SocketRecord, { sockets }: Situation): boolean {
  if (!isInetEnd(local) || !isInetEnd(remote)) return false
  return (
    local.host === remote.host ||
    sockets.of('tcp', 'listen').some(one => isInetEnd(one.local) && one.local.host === remote.host)
  )
}

function pileup(group: readonly SocketRecord[], situation: Situation): Observation[] {
  const [first] = group as [SocketRecord]
  const { system, thresholds } = situation
  const listener = situation.sockets.listenerFor(first.local)
  const [most = 256] = system.setting('net/ipv4/tcp_max_syn_backlog') ?? []
  const limit = Math.max(1, Math.min(most, listener?.sendQueue ?? most))
  const cookies = growth(situation, 'TcpExtSyncookiesSent') ?? 0
  const isMany =
    group.length >= LEAST_PILE && (group.length / limit) * 100 >= thresholds['syn-recv']
  if (!isMany) return []
  const sources = new Set(group.map(({ remote }) => hostText(remote)))
  const ownership = listener && situation.ownershipOf(listener)
  const silent = group.filter(({ timer }) => (timer?.retransmits ?? 0) >= 2).length
  return [
    {
      severity: cookies > 0 ? 'problem' : 'warning',
      summary: `${counted(group.length, 'handshake')} on ${endText(listener?.local ?? first.local)} ${group.length === 1 ? 'is' : 'are'} not completed by the clients`,
      evidence: [
        `from ${counted(sources.size, 'address', 'addresses')}: ${tally(group.map(({ remote }) => hostText(remote)))}`,
        `there is room for ${formatNumber(limit)}`,
        ...(ownership === undefined ? [] : [`${holderText(ownership)} listens there`]),
        ...(silent > 0
          ? [`${formatNumber(silent)} were answered three times or more, in vain`]
          : []),
        ...(cookies > 0 ? [`${formatNumber(cookies)} SYN cookies sent just now`] : []),
      ],
      advice: [
        {
          text:
            sources.size > 10
              ? 'If these addresses are not your clients: limit new connections in the firewall. Keep net.ipv4.tcp_syncookies at 1.'
              : 'Check the way back to these addresses.',
          command:
            sources.size > 10
              ? 'sysctl net.ipv4.tcp_syncookies'
              : `ip route get ${hostText(first.remote)}`,
        },
        {
          text: 'If they are: raise listen()’s backlog, net.core.somaxconn and net.ipv4.tcp_max_syn_backlog together.',
        },
      ],
      sockets: group,
      pids: ownership === undefined ? [] : pidsOf(ownership),
    },
  ]
}

/** A few handshakes are always under way. */
const LEAST_PILE = 8
