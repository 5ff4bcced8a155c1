import type { SocketState, SocketTimer, UnixDetails } from '../types.ts'

/**
 * The kernel's numbers of the states (include/net/tcp_states.h), used for every protocol: UDP and
 * unix sockets are 1 (connected), 7 (not connected) or 10 (listening).
 */
const STATES: readonly (SocketState | undefined)[] = [
  undefined,
  'established',
  'syn-sent',
  'syn-recv',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'unconnected',
  'close-wait',
  'last-ack',
  'listen',
  'closing',
  'syn-recv', // TCP_NEW_SYN_RECV: the kernel shows it as 3, and asked for 3 it gives both
  'bound-inactive', // asked for by this number, shown as 7
]

/** Names a state by its number; undefined for a number that no kernel up to 7.0 has. */
export function stateOf(number: number): SocketState | undefined {
  return STATES[number]
}

/** The bits that ask sock_diag(7) for these states: bit n for state n. */
export function stateMask(states: ReadonlySet<SocketState>): number {
  let mask = 0
  for (const [number, state] of STATES.entries()) {
    if (state !== undefined && states.has(state)) mask |= 1 << number
  }
  return mask
}

/** Whether a socket in this state has another end. */
export function hasRemote(state: SocketState): boolean {
  return state !== 'listen' && state !== 'unconnected' && state !== 'bound-inactive'
}

const TIMER_KINDS: readonly (SocketTimer['kind'] | undefined)[] = [
  undefined,
  'retransmit',
  'keepalive',
  'time-wait',
  'zero-window-probe',
]

/** Names a timer by the number that inet_diag(7) and /proc/net/tcp give it; 0 is none. */
export function timerKindOf(number: number): SocketTimer['kind'] | undefined {
  return TIMER_KINDS[number]
}

const UNIX_TYPES: readonly (UnixDetails['type'] | undefined)[] = [
  undefined,
  'stream',
  'datagram',
  undefined,
  undefined,
  'seqpacket',
]

/** Names the type of a unix socket by its number (SOCK_STREAM and so on in linux/net.h). */
export function unixTypeOf(number: number): UnixDetails['type'] | undefined {
  return UNIX_TYPES[number]
}
