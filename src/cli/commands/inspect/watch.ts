import { usageError } from '../../../errors.ts'
import type { Pace } from '../../../inspect/watch.ts'
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
function refuseAlone({
  max,
  leaks,
  failOn,
  ephemeral,
  interval,
  changesOnly,
  watch,
}: InspectFlags) {
  const needs =
    max !== undefined && !leaks
      ? '--max needs --leaks'
      : failOn !== undefined && !ephemeral
        ? '--fail-on needs --ephemeral'
        : interval !== undefined && !leaks && !ephemeral
          ? '--interval needs --leaks or --ephemeral'
          : changesOnly && watch === undefined
            ? '--changes-only needs --watch'
            : undefined
  if (needs !== undefined) throw usageError(needs)
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
