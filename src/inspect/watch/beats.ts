import { setTimeout as delay } from 'node:timers/promises'

/** How often to look again. */
export interface Pace {
  readonly intervalMs: number
  /** After so many intervals it is over. Undefined: only the signal ends it. */
  readonly count?: number | undefined
}

/**
 * Settles into a value at the end of every interval: the milliseconds since the one before. What is
 * done in between does not move the beat; when it takes longer than an interval, beats are left out.
 *
 * @param signal ends it, without an error
 */
export async function* beats({ intervalMs, count }: Pace, signal: AbortSignal) {
  const start = performance.now()
  let last = start
  let beat = 0
  for (let made = 0; count === undefined || made < count; made++) {
    const elapsed = performance.now() - start
    // Timers of Node may come a little early: the beat that was just made must not come again.
    beat = Math.max(beat, Math.floor(elapsed / intervalMs)) + 1
    try {
      await delay(beat * intervalMs - elapsed, undefined, { signal })
    } catch {
      return
    }
    const now = performance.now()
    yield now - last
    last = now
  }
}
