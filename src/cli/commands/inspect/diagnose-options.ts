import { usageError } from '../../../errors.ts'
import { parseThreshold } from '../../../inspect/rules/thresholds.ts'
import type { Severity } from '../../../inspect/rules/types.ts'
import { parseDuration } from '../../../units.ts'
import type { OptionGroup } from '../types.ts'

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
      text: 'Look again after this time, for what grows. 0: look once',
      parse: parseDuration,
      defaultText: '1s',
    },
  ],
}

/** @throws ERR_USAGE for options that mean nothing without `--diagnose` */
export function ensureDiagnosing({ diagnose, ...flags }: DiagnoseFlags): void {
  if (diagnose) return
  const names = { failOn: '--fail-on', threshold: '--threshold', interval: '--interval' } as const
  for (const [key, name] of Object.entries(names)) {
    if (flags[key as keyof typeof names] !== undefined) {
      throw usageError(`${name} goes with --diagnose`)
    }
  }
}
