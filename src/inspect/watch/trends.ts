import type { SocketState } from '../types.ts'
import type { WatchedSocket } from './types.ts'

/** How many sockets there were in one state, look by look. */
export interface Trend {
  readonly state: SocketState
  /** The latest last. */
  readonly counts: readonly number[]
}

/** As many looks are remembered as a wide terminal has room for. */
const MOST_SAMPLES = 60

/** Counts the sockets in each state, and remembers the counts of the last looks. */
export class Trends {
  readonly #counts = new Map<SocketState, number[]>()
  #looks = 0

  /** Adds a look. */
  add(sockets: readonly WatchedSocket[]): void {
    const now = new Map<SocketState, number>()
    for (const { state } of sockets) now.set(state, (now.get(state) ?? 0) + 1)
    for (const state of now.keys()) {
      if (!this.#counts.has(state)) this.#counts.set(state, zeros(this.#looks))
    }
    for (const [state, counts] of this.#counts) {
      counts.push(now.get(state) ?? 0)
      if (counts.length > MOST_SAMPLES) counts.shift()
      if (counts.every(count => count === 0)) this.#counts.delete(state)
    }
    this.#looks = Math.min(this.#looks + 1, MOST_SAMPLES - 1)
  }

  /** Those that there are or were of late; the most first. */
  get all(): Trend[] {
    return [...this.#counts]
      .map(([state, counts]) => ({ state, counts }))
      .sort((a, b) => (b.counts.at(-1) ?? 0) - (a.counts.at(-1) ?? 0))
  }
}

function zeros(length: number): number[] {
  return Array.from({ length }, () => 0)
}

const BARS = '▁▂▃▄▅▆▇█'

/**
 * Draws counts as bars, between the least and the most of them: a number that does not change is flat,
 * so that what grows is seen however large it is.
 *
 * @param width of the last so many
 */
export function sparkline(counts: readonly number[], width: number): string {
  const shown = counts.slice(-width)
  const least = Math.min(...shown)
  const span = Math.max(...shown) - least
  return shown
    .map(count => BARS[span === 0 ? 0 : Math.round(((count - least) / span) * (BARS.length - 1))])
    .join('')
}
