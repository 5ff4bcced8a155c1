import { parseCount } from '../../../units.ts'
import type { OptionGroup } from '../types.ts'

/** The flags that make `sockctl inspect` say yes or no, or write for other programs. */
export interface CheckFlags {
  readonly failIfAny?: true
  readonly failIfNone?: true
  /** How many sockets there may be. */
  readonly max?: number
  readonly quiet?: true
  /** Where to keep what is seen now. */
  readonly save?: string
  /** What was kept, to compare with. */
  readonly diff?: string
  /** A file that says who may listen where. */
  readonly policy?: string
  readonly writePolicy?: true
  readonly github?: true
  readonly junit?: true
  readonly prom?: true
}

const LISTS = ['ndjson', 'csv', 'summary', 'groupBy', 'columns', 'sort', 'top', 'counters', 'watch']
const CHOICE = ['state', 'port', 'pid', 'process', 'filterFile']
const ASSERTIONS = ['failIfAny', 'failIfNone', 'max']

/** `Checks`: a question to which a script wants yes or no. */
export const CHECK_OPTIONS: OptionGroup = {
  title: 'Checks, for scripts and monitoring',
  options: [
    {
      flags: '--fail-if-any',
      text: 'Exit with 1 when there is such a socket',
      conflicts: ['failIfNone', 'max', 'counters', 'watch'],
    },
    {
      flags: '--fail-if-none',
      text: 'Exit with 1 when there is none',
      conflicts: ['failIfAny', 'counters', 'watch'],
    },
    {
      flags: '--max <n>',
      text: 'Exit with 1 when there are more than so many; of a process with --leaks, percent with --ephemeral',
      parse: parseCount,
      conflicts: ['failIfAny', 'counters'],
    },
    {
      flags: '-q, --quiet',
      text: 'Show nothing: exit with 0 when there are such sockets, with 1 when not',
      conflicts: ['json', ...LISTS, 'github', 'junit', 'prom', 'writePolicy'],
    },
    {
      flags: '--save <file>',
      text: 'Keep what is seen now, to be compared with later',
      conflicts: [...LISTS, 'prom', 'writePolicy', ...ASSERTIONS],
    },
    {
      flags: '--diff <file>',
      text: 'Exit with 1 when something is new since: a listener, a leak, another owner',
      conflicts: [...LISTS, 'prom', 'writePolicy', ...ASSERTIONS],
    },
    {
      flags: '--policy <file>',
      text: 'Exit with 1 when something listens that the file does not allow',
      conflicts: [...LISTS, 'prom', 'writePolicy', ...CHOICE, ...ASSERTIONS],
    },
    {
      flags: '--write-policy',
      text: 'Print a policy that allows what listens now',
      conflicts: [...LISTS, 'json', 'prom', ...CHOICE, ...ASSERTIONS],
    },
    {
      flags: '--github',
      text: 'What fails, as annotations of GitHub Actions',
      conflicts: [...LISTS, 'json', 'junit', 'prom', 'writePolicy'],
    },
    {
      flags: '--junit',
      text: 'The results, as JUnit XML',
      conflicts: [...LISTS, 'json', 'prom', 'writePolicy'],
    },
    {
      flags: '--prom',
      text: 'Numbers of sockets, queues and drops for Prometheus',
      conflicts: [...LISTS.filter(name => name !== 'groupBy'), 'json'],
    },
  ],
}

/** Whether flags ask for yes or no, and not only to be shown something. */
export function wantsChecks(flags: CheckFlags): boolean {
  const { failIfAny, failIfNone, max, quiet, github, junit } = flags
  return (
    [failIfAny, failIfNone, quiet, github, junit].includes(true) ||
    max !== undefined ||
    needsWholeView(flags)
  )
}

/** Whether everything is looked at, with its owners, unless flags choose. */
export function needsWholeView({ save, diff, policy, writePolicy }: CheckFlags): boolean {
  return [save, diff, policy, writePolicy].some(flag => flag !== undefined)
}

/** Whether two moments are compared: then connections are wanted beside listeners. */
export function keepsMoment({ save, diff }: CheckFlags): boolean {
  return save !== undefined || diff !== undefined
}
