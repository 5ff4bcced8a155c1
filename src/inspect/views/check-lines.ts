import type { CheckResult } from '../checks/types.ts'
import type { ViewPaint } from './types.ts'

/** Writes results for people, in pieces: a line for each, what fails first, with the facts below. */
export function* checkLines(
  results: readonly CheckResult[],
  { paint }: { readonly paint: ViewPaint },
): Generator<string> {
  const rank = ({ ok, unseen }: CheckResult): number => (ok ? 2 : unseen === undefined ? 0 : 1)
  for (const result of results.toSorted((a, b) => rank(a) - rank(b))) {
    yield `${verdict(result, paint)}  ${result.message}\n`
    for (const detail of result.details) yield `      ${paint.dim(detail)}\n`
  }
}

function verdict({ ok, unseen }: CheckResult, paint: ViewPaint): string {
  if (ok) return paint.good('ok  ')
  return unseen === undefined ? paint.bad('FAIL') : paint.warn('?   ')
}
