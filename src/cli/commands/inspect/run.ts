import type { Context } from '../../context.ts'
import type { Invocation } from '../types.ts'
import { checkActFlags } from './act-options.ts'
import { ensureDiagnosing } from './diagnose-options.ts'
import { runList } from './list.ts'
import { readPace } from './pace.ts'
import type { InspectFlags } from './question.ts'
import { readTarget } from './report-target.ts'

/**
 * Runs `sockctl inspect`: what the flags ask for, a report on the one target that was named, or else
 * a list. All but the list are loaded when they are asked for.
 */
export async function runInspect(
  invocation: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  const { words, flags, typed } = invocation
  checkActFlags(flags)
  ensureDiagnosing(flags)
  if (flags.counters) {
    const { runCounters } = await import('./counters.ts')
    return runCounters(words, flags, context)
  }
  if (flags.free) {
    const { runFree } = await import('./free.ts')
    return runFree(words, flags, context)
  }
  if (flags.diagnose) {
    const { runDiagnose } = await import('./diagnose.ts')
    return runDiagnose(invocation, context)
  }
  if (flags.leaks || flags.ephemeral || readPace(flags) !== undefined) {
    const { runOverTime } = await import('./over-time.ts')
    return runOverTime(invocation, context)
  }
  const target = readTarget(words, flags)
  if (target?.kind === 'name' && context.platform !== 'linux') {
    // Only Linux lists the processes of a program here: elsewhere the source names the holders.
    const listed = { ...flags, process: [target.name] }
    return runList({ ...invocation, words: [], flags: listed }, context)
  }
  if (target !== undefined) {
    const { runReport } = await import('./report.ts')
    return runReport(target, flags, { typed, context })
  }
  return runList(invocation, context)
}
