import type { CheckResult } from '../../../inspect/checks/types.ts'
import { checkLines } from '../../../inspect/views/check-lines.ts'
import { githubView } from '../../../inspect/views/github.ts'
import { checksJsonView } from '../../../inspect/views/json.ts'
import { junitView } from '../../../inspect/views/junit.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import type { InspectFlags } from './question.ts'

/** Turns the results of checks into text, as the flags ask. */
export async function resultsView(
  results: readonly CheckResult[],
  { snapshot }: SocketList,
  { github, junit, json, color }: InspectFlags,
  { stdout, env }: Context,
): Promise<Iterable<string>> {
  if (github) return githubView(results)
  if (junit) return junitView(results, snapshot)
  if (json) return checksJsonView(snapshot, results)
  return checkLines(results, { paint: await loadPaint(wantsColor(color, stdout, env)) })
}
