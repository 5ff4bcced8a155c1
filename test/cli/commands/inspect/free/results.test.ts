import { expect, it } from 'vitest'
import {
  exitCodeOfResults,
  type FreeOutcome,
} from '../../../../../src/cli/commands/inspect/free/results.ts'

it.each<[readonly FreeOutcome[], boolean, number]>([
  [['freed', 'removed'], false, 0],
  [['freed', 'nothing'], false, 1],
  [['freed', 'started-again'], false, 1],
  [['refused'], false, 1],
  [['refused', 'denied'], false, 8],
  [['unconfirmed'], false, 1],
  [['would-free', 'would-remove'], true, 0],
  [['refused'], true, 0],
  [['refused', 'denied'], true, 8],
  [['unproven'], false, 8],
  [['nothing'], true, 1],
])('%j become, with dry run %s, exit code %i', (outcomes, isDryRun, code) => {
  const results = outcomes.map(outcome => ({ action: 'free' as const, outcome }))
  expect(exitCodeOfResults(results, isDryRun)).toBe(code)
})
