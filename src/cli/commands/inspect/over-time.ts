import type { Context } from '../../context.ts'
import type { InspectFlags } from './question.ts'
import { runWatch } from './watch-sockets.ts'

/** Runs what `sockctl inspect` looks at more than once: --watch, --leaks, --ephemeral. */
export async function runOverTime(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<number> {
  return runWatch(words, flags, context)
}
