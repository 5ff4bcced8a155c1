import type { Family } from '../ends.ts'
import type { Protocol, Wanted } from '../types.ts'
import { ALL_STATES } from './states.ts'

/** Every kind of socket that a table can hold. */
export const ALL_PROTOCOLS: readonly Protocol[] = [
  ...(['tcp', 'mptcp', 'udp', 'udplite', 'raw'] as const),
  ...(['unix', 'packet', 'netlink', 'vsock'] as const),
]

export const ALL_FAMILIES: readonly Family[] = [
  ...(['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock'] as const),
]

/** Every socket of a network namespace. */
export const EVERYTHING: Wanted = {
  protocols: new Set(ALL_PROTOCOLS),
  families: new Set(ALL_FAMILIES),
  states: new Set(ALL_STATES),
}
