import { formatBytes, formatDuration } from '../units.ts'
import type { OutputStream } from './context.ts'

/** What is counted while it goes on. */
export interface Counters {
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A transfer that is over sooner shows nothing. */
const FIRST_MS = 1000
const EACH_MS = 500

/**
 * Shows on one line of a terminal how a transfer goes, and keeps it up to date. Returns what removes
 * the line again.
 */
export function showProgress(counters: Counters, terminal: OutputStream): () => void {
  const startedAt = performance.now()
  let before = { bytes: 0, at: startedAt }
  let isShown = false
  const timer = setInterval(() => {
    const at = performance.now()
    if (at - startedAt < FIRST_MS) return
    const bytes = counters.bytesIn + counters.bytesOut
    const rate = ((bytes - before.bytes) / (at - before.at)) * 1000
    before = { bytes, at }
    isShown = true
    terminal.write(
      `\r${amounts(counters)}  ${formatRate(rate)}  ${formatDuration(at - startedAt)}${CLEAR_REST}`,
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
export function formatTotals(counters: Counters, durationMs: number): string {
  const { bytesIn, bytesOut } = counters
  const duration = formatDuration(durationMs)
  if (durationMs < FIRST_MS) return `${amounts(counters)}  ${duration}`
  const seconds = durationMs / 1000
  const rateIn = formatRate(bytesIn / seconds)
  const rateOut = formatRate(bytesOut / seconds)
  return `in ${formatBytes(bytesIn)} (${rateIn})  out ${formatBytes(bytesOut)} (${rateOut})  ${duration}`
}

function amounts({ bytesIn, bytesOut }: Counters): string {
  return `in ${formatBytes(bytesIn)}  out ${formatBytes(bytesOut)}`
}

function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`
}
