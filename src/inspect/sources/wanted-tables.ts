import { ALL_STATES } from '../select/states.ts'
import type { Protocol, SocketState, Wanted } from '../types.ts'

/** The kernel keeps one table of sockets for each protocol in each family. */
export type SocketTable =
  | { readonly protocol: 'tcp' | 'udp'; readonly family: 'ipv4' | 'ipv6' }
  | { readonly protocol: 'unix'; readonly family: 'unix' }

const TABLES: readonly SocketTable[] = [
  { protocol: 'tcp', family: 'ipv4' },
  { protocol: 'tcp', family: 'ipv6' },
  { protocol: 'udp', family: 'ipv4' },
  { protocol: 'udp', family: 'ipv6' },
  { protocol: 'unix', family: 'unix' },
]

const STATES: Readonly<Record<Protocol, readonly SocketState[]>> = {
  tcp: ALL_STATES,
  udp: ['established', 'unconnected'],
  unix: ['established', 'syn-sent', 'unconnected', 'listen'],
}

/** Names the tables in which wanted sockets can be. */
export function wantedTables({ protocols, families, states }: Wanted): SocketTable[] {
  return TABLES.filter(
    ({ protocol, family }) =>
      protocols.has(protocol) &&
      families.has(family) &&
      STATES[protocol].some(state => states.has(state)),
  )
}
