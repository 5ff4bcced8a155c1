import type { Context } from '../../context.ts'
import { runEphemeral } from './ephemeral.ts'
import { runLeaks } from './leaks.ts'
import type { InspectFlags } from './question.ts'
import { runWatch } from './watch-sockets.ts'

/** Runs what `sockctl inspect` looks at more than once: --watch, --leaks, --ephemeral. */
export async function runOverTime(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<number> {
  if (flags.leaks) return runLeaks(words, flags, context)
  if (flags.ephemeral) return runEphemeral(words, flags, context)
  return runWatch(words, flags, context)
}
