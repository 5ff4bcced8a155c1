import { usageError } from '../../errors.ts'
import { closestWord } from '../../terminal-text.ts'
import type { SocketState } from '../types.ts'

/** Every state, in the order of the kernel's numbers (net/tcp_states.h). */
export const ALL_STATES: readonly SocketState[] = [
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
  'bound-inactive',
]

/** Both ends are known: not listening, not closed, not only bound. */
const CONNECTED: readonly SocketState[] = ALL_STATES.filter(
  state => state !== 'listen' && state !== 'unconnected' && state !== 'bound-inactive',
)

/** What ss(8) shows when nothing is said about states. */
export const DEFAULT_STATES: readonly SocketState[] = CONNECTED.filter(
  state => state !== 'time-wait' && state !== 'syn-recv',
)

/** What `-l` shows. `unconnected` is where UDP and datagram sockets wait for what comes. */
export const WAITING_STATES: readonly SocketState[] = ['listen', 'unconnected']

/** The words of ss(8) that stand for several states. */
export const STATE_GROUPS = {
  all: ALL_STATES,
  connected: CONNECTED,
  synchronized: CONNECTED.filter(state => state !== 'syn-sent') as readonly SocketState[],
  bucket: ['syn-recv', 'time-wait'],
  big: ALL_STATES.filter(state => state !== 'syn-recv' && state !== 'time-wait'),
} as const satisfies Readonly<Record<string, readonly SocketState[]>>

/** Other spellings: those of ss(8), of its output, and of netstat(8). */
const ALIASES = {
  estab: 'established',
  'syn-rcv': 'syn-recv',
  unconn: 'unconnected',
  close: 'unconnected',
  closed: 'unconnected',
  listening: 'listen',
} as const satisfies Readonly<Record<string, SocketState>>

const STATES_BY_WORD: ReadonlyMap<string, readonly SocketState[]> = new Map([
  ...ALL_STATES.map(state => [bare(state), [state]] as const),
  ...Object.entries(ALIASES).map(([alias, state]) => [bare(alias), [state]] as const),
  ...Object.entries(STATE_GROUPS).map(([word, states]) => [word, states] as const),
])

/**
 * Reads states as ss(8) names them, one or several with commas between: `established`, `estab`,
 * `close-wait,time-wait`, `connected`. Case does not matter, nor how words are joined (`TIME_WAIT`).
 *
 * @throws ERR_USAGE, with the nearest word that exists
 */
export function parseStates(text: string): SocketState[] {
  return text.split(',').flatMap(word => {
    const states = STATES_BY_WORD.get(bare(word.trim()))
    if (states === undefined) throw unknownState(word.trim())
    return states
  })
}

/** Whether a word names states: for telling somebody who typed one in the wrong place. */
export function isStateWord(word: string): boolean {
  return STATES_BY_WORD.has(bare(word))
}

/** The word without what people write differently: `FIN_WAIT1` and `fin-wait-1` are the same. */
function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '')
}

function unknownState(word: string): Error {
  const words = [...ALL_STATES, ...Object.keys(STATE_GROUPS)]
  const close = closestWord(word, [...words, ...Object.keys(ALIASES)])
  return usageError(
    word === '' ? 'a state is missing' : `no such state: "${word}"`,
    close === undefined ? `There are ${words.join(', ')}.` : `Did you mean ${close}?`,
  )
}
