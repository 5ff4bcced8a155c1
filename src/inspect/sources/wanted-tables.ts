import { ALL_STATES } from '../select/states.ts'
import type { Protocol, SocketState, Wanted } from '../types.ts'

/** The kernel keeps one table of sockets for each protocol in each family. */
export type SocketTable = InetTable | OtherTable

/** The protocols over IP. */
export type InetProtocol = 'tcp' | 'mptcp' | 'udp' | 'udplite' | 'raw'

export interface InetTable extends WantedStates {
  readonly protocol: InetProtocol
  readonly family: 'ipv4' | 'ipv6'
}

/** A family that is its own protocol. */
export interface OtherTable extends WantedStates {
  readonly protocol: 'unix' | 'packet' | 'netlink' | 'vsock'
  readonly family: 'unix' | 'packet' | 'netlink' | 'vsock'
}

interface WantedStates {
  readonly states: ReadonlySet<SocketState>
}

const TABLES: readonly (Omit<InetTable, 'states'> | Omit<OtherTable, 'states'>)[] = [
  { protocol: 'tcp', family: 'ipv4' },
  { protocol: 'tcp', family: 'ipv6' },
  { protocol: 'mptcp', family: 'ipv4' },
  { protocol: 'mptcp', family: 'ipv6' },
  { protocol: 'udp', family: 'ipv4' },
  { protocol: 'udp', family: 'ipv6' },
  { protocol: 'udplite', family: 'ipv4' },
  { protocol: 'udplite', family: 'ipv6' },
  { protocol: 'raw', family: 'ipv4' },
  { protocol: 'raw', family: 'ipv6' },
  { protocol: 'unix', family: 'unix' },
  { protocol: 'packet', family: 'packet' },
  { protocol: 'netlink', family: 'netlink' },
  { protocol: 'vsock', family: 'vsock' },
]

/**
 * The states in which each table has sockets. TCP has none that are `unconnected`: asked for them,
 * the kernel walks the table of all connections in vain.
 */
const STATES: Readonly<Record<Protocol, readonly SocketState[]>> = {
  tcp: ALL_STATES.filter(state => state !== 'unconnected'),
  mptcp: ALL_STATES.filter(state => state !== 'bound-inactive'),
  udp: ['established', 'unconnected'],
  udplite: ['established', 'unconnected'],
  raw: ['established', 'unconnected'],
  unix: ['established', 'syn-sent', 'unconnected', 'listen'],
  packet: ['unconnected'],
  netlink: ['established', 'unconnected'],
  vsock: ['established', 'syn-sent', 'unconnected', 'listen', 'closing'],
}

/** Names the tables in which wanted sockets can be, with the states to look for there. */
export function wantedTables({ protocols, families, states }: Wanted): SocketTable[] {
  return TABLES.filter(({ protocol, family }) => protocols.has(protocol) && families.has(family))
    .map(table => ({ ...table, states: intersection(STATES[table.protocol], states) }))
    .filter(table => table.states.size > 0)
}

/**
 * Whether a protocol is asked for only as a part of everything: then it need not be said that this
 * machine does not have it. Those that every machine has are always missed.
 */
export function isAnExtra(protocol: Protocol, wanted: Wanted): boolean {
  const isUsual = protocol === 'tcp' || protocol === 'udp' || protocol === 'unix'
  return !isUsual && isEverything(wanted)
}

/** Whether every protocol is wanted, so that none of them was asked for by name. */
export function isEverything({ protocols }: Wanted): boolean {
  return TABLES.every(({ protocol }) => protocols.has(protocol))
}

/** Names the sockets of a protocol in a sentence: `cannot list TCP sockets`. */
export function protocolName(protocol: Protocol): string {
  return PROTOCOL_NAMES[protocol]
}

const PROTOCOL_NAMES: Readonly<Record<Protocol, string>> = {
  tcp: 'TCP',
  mptcp: 'MPTCP',
  udp: 'UDP',
  udplite: 'UDP-Lite',
  raw: 'raw',
  unix: 'unix',
  packet: 'packet',
  netlink: 'netlink',
  vsock: 'vsock',
}

function intersection(all: readonly SocketState[], wanted: ReadonlySet<SocketState>) {
  return new Set(all.filter(state => wanted.has(state)))
}
