import { usageError } from '../../../errors.ts'
import type { Pace } from '../../../inspect/watch/beats.ts'
import { parseDuration } from '../../../units.ts'
import type { InspectFlags } from './question.ts'

/** What `--watch` alone means. */
const USUAL_INTERVAL_MS = 1000

/** Looking more often would mostly see itself. */
const SHORTEST_INTERVAL_MS = 100

/**
 * Reads `--watch [interval]` and `--count <n>`. Undefined: look once.
 *
 * @throws ERR_USAGE for a count of what is not repeated, and for an option without the one it is for
 */
export function readPace(flags: InspectFlags): Pace | undefined {
  refuseAlone(flags)
  if (flags.watch === undefined) {
    if (flags.count === undefined) return undefined
    throw usageError('--count needs --watch', 'How many there are: sockctl inspect -s')
  }
  const intervalMs = flags.watch === true ? USUAL_INTERVAL_MS : flags.watch
  return { intervalMs, count: flags.count }
}

/** An option that would say nothing is a mistake of who typed it. */
function refuseAlone({ max, leaks, ephemeral, changesOnly, watch }: InspectFlags): void {
  if (changesOnly && watch === undefined) throw usageError('--changes-only needs --watch')
  if (max !== undefined && watch !== undefined && !leaks && !ephemeral) {
    throw usageError('--max with --watch needs --leaks or --ephemeral')
  }
}

/** Reads how long to wait for the second of two looks, in milliseconds; 0: there is but one. */
export function parsePause(text: string): number {
  return /^0+(?:ms|s)?$/.test(text) ? 0 : parseInterval(text)
}

/**
 * Reads the interval of `--watch` as milliseconds.
 *
 * @throws ERR_USAGE
 */
export function parseInterval(text: string): number {
  if (/^[a-z]/i.test(text)) {
    throw usageError(`not a time: "${text}"`, `Write it before: ${text} --watch`)
  }
  if (/^\d{4,}$/.test(text)) {
    throw usageError(`"${text}" looks like a port`, `Write it before: ${text} --watch`)
  }
  const ms = parseDuration(text)
  if (ms < SHORTEST_INTERVAL_MS) throw usageError(`too short a time: "${text}" (100ms at least)`)
  return ms
}
