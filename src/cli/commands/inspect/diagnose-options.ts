import { usageError } from '../../../errors.ts'
import { parseThreshold } from '../../../inspect/rules/thresholds.ts'
import type { Severity } from '../../../inspect/rules/types.ts'
import type { OptionGroup } from '../types.ts'
import { parsePause } from './pace.ts'

/** The flags of `sockctl inspect --diagnose`, as the parser hands them over. */
export interface DiagnoseFlags {
  readonly diagnose?: true
  readonly failOn?: Severity
  readonly threshold?: readonly ReturnType<typeof parseThreshold>[]
  /** In milliseconds. */
  readonly interval?: number
}

/** How long lies between the two looks, unless somebody says otherwise. */
export const DEFAULT_INTERVAL_MS = 1000

/** Options that choose how sockets are listed, where to look for them, or something else to show. */
const OTHER_VIEWS = [
  ...['listening', 'all', 'processes', 'options', 'extended', 'info', 'memory', 'peer', 'summary'],
  ...['groupBy', 'columns', 'sort', 'top', 'oneline', 'csv', 'counters', 'watch'],
  ...['netns', 'container'],
] as const

/** The group of options that `sockctl inspect` has for its findings. */
export const DIAGNOSE_OPTIONS: OptionGroup = {
  title: 'What is wrong',
  options: [
    {
      flags: '--diagnose',
      text: 'Look at everything, and say what is wrong, why, and what to type',
      conflicts: [...OTHER_VIEWS],
    },
    {
      flags: '--fail-on <severity>',
      text: 'Exit with 1 when something is found that is as bad, or worse',
      choices: ['note', 'warning', 'problem'],
    },
    {
      flags: '--threshold <name=value>',
      text: 'How much is too much, as close-wait=50: sockctl help findings lists them',
      parse: parseThreshold,
      repeatable: true,
    },
    {
      flags: '--interval <time>',
      text: 'Look again after this time, for what grows, also with --leaks and --ephemeral; 0: once',
      parse: parsePause,
      defaultText: '1s',
      conflicts: ['watch'],
    },
  ],
}

/** @throws ERR_USAGE for options that mean nothing without what looks twice */
export function ensureDiagnosing({
  diagnose,
  leaks,
  ephemeral,
  ...flags
}: DiagnoseFlags & { readonly leaks?: true; readonly ephemeral?: true }): void {
  if (diagnose) return
  const { failOn, threshold, interval } = flags
  if (failOn !== undefined) throw usageError('--fail-on goes with --diagnose')
  if (threshold !== undefined) throw usageError('--threshold goes with --diagnose')
  if (interval !== undefined && !leaks && !ephemeral) {
    throw usageError('--interval goes with --diagnose, --leaks or --ephemeral')
  }
}
