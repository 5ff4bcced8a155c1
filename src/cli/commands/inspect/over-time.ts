import type { Context } from '../../context.ts'
import type { Invocation } from '../types.ts'
import { runEphemeral } from './ephemeral.ts'
import { runLeaks } from './leaks.ts'
import type { InspectFlags } from './question.ts'
import { runWatch } from './watch-sockets.ts'

/** Runs what `sockctl inspect` looks at more than once: --watch, --leaks, --ephemeral. */
export async function runOverTime(
  invocation: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  const { words, flags } = invocation
  if (flags.leaks) return runLeaks(invocation, context)
  if (flags.ephemeral) return runEphemeral(invocation, context)
  return runWatch(words, flags, context)
}
