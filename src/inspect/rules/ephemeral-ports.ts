import { formatAddress, inetAddress, isLoopback } from '../../address.ts'
import { formatNumber } from '../../units.ts'
import { isInetEnd, portOf } from '../ends.ts'
import type { SocketRecord, SocketState } from '../types.ts'
import { groupBy, groupByHolder } from './groups.ts'
import type { Observation, Rule, Situation } from './types.ts'
import { counted, endText, holderText, hostText, percentText, pidsOf, rateText } from './words.ts'

/** Every port that outgoing connections may draw is in use towards one target. */
export const ephemeralExhausted: Rule = {
  id: 'port.ephemeral-exhausted',
  severity: 'problem',
  title: 'The ports for connections to one target run out',
  explanation:
    'Each connection to one target needs a local port of its own, from a range that all share. Without a free one, connect() fails with EADDRNOTAVAIL, or with EADDRINUSE where the program binds an address first. TIME_WAIT keeps a port for 60 seconds after the end of a connection, so that a steady rate of connections fills the range. More targets, or more source addresses, have the whole range again.',
  check: situation => usedPorts(situation).flatMap(use => exhausted(use, situation)),
}

/** Servers at ports that the kernel lends to outgoing connections. */
export const listenerInEphemeralRange: Rule = {
  id: 'port.listener-in-ephemeral-range',
  severity: 'note',
  title: 'A server listens at a port that the kernel lends to clients',
  explanation:
    'An outgoing connection can draw this port while the server is down, and then the server cannot start: "address in use", and nothing listens there. It does not matter for servers that take any port and tell it.',
  check: inRange,
}

/** How far the ports towards one target are used up. */
export interface PortUse {
  /** `10.0.0.9:5432`, or with the source `10.0.0.9:5432 from 10.0.0.1`. */
  readonly target: string
  readonly used: number
  readonly usable: number
  readonly records: readonly SocketRecord[]
  readonly timeWait: readonly SocketRecord[]
}

/** Counts the ports in use towards each target, by source address: where there are more than a few. */
export function usedPorts(situation: Situation): PortUse[] {
  const range = portRange(situation)
  if (range === undefined) return []
  const { first, last, usable } = range
  const outgoing = USING_PORTS.flatMap(state =>
    situation.sockets.of('tcp', state).filter(({ local }) => {
      const port = portOf(local) ?? 0
      return port >= first && port <= last
    }),
  )
  return [...groupBy(outgoing, targetKey)]
    .filter(([, records]) => records.length / usable >= LEAST_SHARE)
    .filter(
      ([, [one]]) => one !== undefined && situation.sockets.listenerFor(one.local) === undefined,
    )
    .map(([, records]) => ({
      target: targetText(records),
      used: new Set(records.map(({ local }) => portOf(local))).size,
      usable,
      records,
      timeWait: records.filter(({ state }) => state === 'time-wait'),
    }))
}

const USING_PORTS: readonly SocketState[] = [
  ...(['established', 'syn-sent', 'fin-wait-1', 'fin-wait-2', 'time-wait'] as const),
  ...(['close-wait', 'last-ack', 'closing'] as const),
]

/** Targets with less of the range in use concern no rule, and there may be very many. */
const LEAST_SHARE = 0.1

function exhausted(use: PortUse, situation: Situation): Observation[] {
  const { target, used, usable, records, timeWait } = use
  const { thresholds } = situation
  const percent = (used / usable) * 100
  if (percent < thresholds['ports-used']) return []
  const isFull = percent >= thresholds['ports-full']
  const holders = groupByHolder(
    records.filter(({ inode }) => inode !== 0),
    situation,
  ).sort((a, b) => b.records.length - a.records.length)
  const range = portRange(situation)
  return [
    {
      severity: isFull ? 'problem' : 'warning',
      summary: `${isFull ? 'out of' : 'nearly out of'} client ports towards ${target}: ${formatNumber(used)} of ${formatNumber(usable)} used (${percentText(used, usable)})`,
      evidence: [
        `${formatNumber(timeWait.length)} in TIME_WAIT, ${formatNumber(records.length - timeWait.length)} in use`,
        ...holders
          .slice(0, 3)
          .map(one => `${holderText(one.ownership)} holds ${formatNumber(one.records.length)}`),
        `range ${range?.first}-${range?.last}; TIME_WAIT lasts 60 s: at most ${rateText(usable / 60)} new connections a second to one target`,
      ],
      advice: [
        {
          text: 'Reuse connections: a pool, keep-alive (in Node: new http.Agent({ keepAlive: true })). Or let the other side close first.',
        },
        { text: 'Spread over more target addresses or ports, or more source addresses.' },
        ...(timeWait.length > used / 2
          ? [
              {
                text: 'Let new connections take ports in TIME_WAIT after a second (outgoing ones only; both ends need timestamps):',
                command: 'sudo sysctl net.ipv4.tcp_tw_reuse=1',
              },
            ]
          : []),
        {
          text: 'Last, widen the range, and reserve the ports of servers that lie in it (net.ipv4.ip_local_reserved_ports):',
          command: 'sudo sysctl net.ipv4.ip_local_port_range="1024 60999"',
        },
      ],
      sockets: records,
      pids: [...new Set(holders.flatMap(({ pids }) => pids))],
    },
  ]
}

function inRange(situation: Situation): Observation[] {
  const range = portRange(situation)
  if (range === undefined) return []
  const exposed = situation.sockets.of('tcp', 'listen').filter(({ local, inode }) => {
    if (inode === 0 || !isInetEnd(local) || isLoopback(local.host)) return false
    const { port } = local
    return port >= range.first && port <= range.last && !range.reserved(port)
  })
  // The kernel's own (NFS) take any port and tell it.
  const held = exposed.filter(one => situation.ownershipOf(one).kind !== 'unseen')
  if (held.length === 0) return []
  const ports = [...new Set(held.map(({ local }) => portOf(local) ?? 0))].sort((a, b) => a - b)
  const lines = [...groupBy(held, one => `${portOf(one.local)}`).values()].map(records => {
    const [first] = records as [SocketRecord]
    return `${endText(first.local)}  ${holderText(situation.ownershipOf(first))}`
  })
  return [
    {
      summary: `${counted(ports.length, 'server port')} open to the network ${ports.length === 1 ? 'lies' : 'lie'} in the range that outgoing connections draw from (${range.first}-${range.last})`,
      evidence: lines.length > 5 ? [...lines.slice(0, 5), `and ${lines.length - 5} more`] : lines,
      advice: [
        { text: `Give servers ports below ${range.first}.` },
        {
          text: 'Or reserve those that have to stay (the value is the whole list):',
          command: `sudo sysctl net.ipv4.ip_local_reserved_ports=${[...range.reservedList, ...ports].join(',')}`,
        },
      ],
      sockets: held,
      pids: [...new Set(held.flatMap(one => pidsOf(situation.ownershipOf(one))))],
    },
  ]
}

interface LentPorts {
  readonly first: number
  readonly last: number
  /** How many ports there are without the reserved ones. */
  readonly usable: number
  /** As they were set: `8080`, `9000-9010`. */
  readonly reservedList: readonly string[]
  reserved(port: number): boolean
}

function portRange({ system }: Situation): LentPorts | undefined {
  const [first, last] = system.setting('net/ipv4/ip_local_port_range') ?? []
  if (first === undefined || last === undefined || last < first) return undefined
  const text = system.settingText('net/ipv4/ip_local_reserved_ports') ?? ''
  const reservedList = text.split(',').filter(part => part !== '')
  const ranges = reservedList.map(part => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return { from, to }
  })
  const taken = ranges.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first) + 1),
    0,
  )
  return {
    first,
    last,
    usable: Math.max(1, last - first + 1 - taken),
    reservedList,
    reserved: port => ranges.some(({ from, to }) => port >= from && port <= to),
  }
}

function targetKey({ local, remote }: SocketRecord): string {
  return `${plain(local)} ${plain(remote)} ${portOf(remote)}`
}

function plain(end: SocketRecord['remote']): string {
  return isInetEnd(end) ? inetAddress(end.host, 0).host : ''
}

/** The source matters where it is not what everybody has. */
function targetText([one]: readonly SocketRecord[]): string {
  const remote = one?.remote
  if (!isInetEnd(remote)) return '?'
  const target = formatAddress(inetAddress(remote.host, remote.port))
  return isLoopback(remote.host) ? target : `${target} from ${hostText(one?.local)}`
}
