import { ALL_STATES } from '../select/states.ts'
import type { Protocol, SocketState, Wanted } from '../types.ts'

/** The kernel keeps one table of sockets for each protocol in each family. */
export type SocketTable = InetTable | UnixTable

export interface InetTable extends WantedStates {
  readonly protocol: 'tcp' | 'udp'
  readonly family: 'ipv4' | 'ipv6'
}

export interface UnixTable extends WantedStates {
  readonly protocol: 'unix'
  readonly family: 'unix'
}

interface WantedStates {
  readonly states: ReadonlySet<SocketState>
}

const TABLES: readonly (Omit<InetTable, 'states'> | Omit<UnixTable, 'states'>)[] = [
  { protocol: 'tcp', family: 'ipv4' },
  { protocol: 'tcp', family: 'ipv6' },
  { protocol: 'udp', family: 'ipv4' },
  { protocol: 'udp', family: 'ipv6' },
  { protocol: 'unix', family: 'unix' },
]

/**
 * The states in which each table has sockets. TCP has none that are `unconnected`: asked for them,
 * the kernel walks the table of all connections in vain.
 */
const STATES: Readonly<Record<Protocol, readonly SocketState[]>> = {
  tcp: ALL_STATES.filter(state => state !== 'unconnected'),
  udp: ['established', 'unconnected'],
  unix: ['established', 'syn-sent', 'unconnected', 'listen'],
  mptcp: [],
  udplite: [],
  raw: [],
  packet: [],
  netlink: [],
  vsock: [],
}

/** Names the tables in which wanted sockets can be, with the states to look for there. */
export function wantedTables({ protocols, families, states }: Wanted): SocketTable[] {
  return TABLES.filter(({ protocol, family }) => protocols.has(protocol) && families.has(family))
    .map(table => ({ ...table, states: intersection(STATES[table.protocol], states) }))
    .filter(table => table.states.size > 0)
}

function intersection(all: readonly SocketState[], wanted: ReadonlySet<SocketState>) {
  return new Set(all.filter(state => wanted.has(state)))
}
