import type { Traffic } from '../channel/traffic.ts'
import { formatDuration } from '../units.ts'
import type { OutputStream } from './context.ts'
import { formatRate, trafficText } from './traffic-text.ts'

/** A transfer that is over sooner shows nothing. */
const FIRST_MS = 1000
const EACH_MS = 500

/**
 * Shows on one line of a terminal how a transfer goes, and keeps it up to date. Returns what removes
 * the line again.
 *
 * @param look what has gone through until now
 */
export function showProgress(look: () => Traffic, terminal: OutputStream): () => void {
  const startedAt = performance.now()
  let before = { bytes: 0, at: startedAt }
  let isShown = false
  const timer = setInterval(() => {
    const at = performance.now()
    if (at - startedAt < FIRST_MS) return
    const traffic = look()
    const bytes = traffic.bytesIn + traffic.bytesOut
    const rate = ((bytes - before.bytes) / (at - before.at)) * 1000
    before = { bytes, at }
    isShown = true
    terminal.write(
      `\r${trafficText(traffic)}  ${formatRate(rate)}  ${formatDuration(at - startedAt)}${CLEAR_REST}`,
    )
  }, EACH_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (isShown) terminal.write(`\r${CLEAR_REST}`)
  }
}

/** EL of ECMA-48 §8.3.41: from the cursor to the end of the line. */
const CLEAR_REST = '\x1b[K'

/** What went each way, in all and per second: `in 12 B  out 5 B  0.4 ms`. */
export function formatTotals(traffic: Traffic, durationMs: number): string {
  const seconds = durationMs < FIRST_MS ? undefined : durationMs / 1000
  return `${trafficText(traffic, seconds)}  ${formatDuration(durationMs)}`
}
