import { usageError } from '../../../errors.ts'
import { parseDuration } from '../../../units.ts'
import type { OptionGroup } from '../types.ts'

/** The flags with which `sockctl inspect` acts. */
export interface ActFlags {
  readonly free?: true
  readonly close?: true
  readonly dryRun?: true
  readonly yes?: true
  readonly force?: true
  readonly signal?: NodeJS.Signals
  /** In milliseconds. */
  readonly grace?: number
  readonly expectCwd?: string
}

const OTHER_VIEWS = [
  ...['ndjson', 'csv', 'summary', 'groupBy', 'columns', 'sort', 'top', 'counters', 'watch'],
]

/** The options by which something is done, and not only shown. */
export const ACT_OPTIONS: OptionGroup = {
  title: 'Make room: stops processes, ends connections; asks first',
  options: [
    {
      flags: '--free',
      text: 'Stop who listens on these ports, or remove a stale unix:/path',
      conflicts: ['close', ...OTHER_VIEWS],
    },
    {
      flags: '--close',
      text: 'End these connections, as root, without their processes; no listeners',
      conflicts: ['free', ...OTHER_VIEWS],
    },
    { flags: '--dry-run', text: 'Only show what --free or --close would do' },
    { flags: '-y, --yes', text: 'Do it without asking' },
    { flags: '--force', text: 'With --free: kill what has not ended in time' },
    {
      flags: '--signal <name>',
      text: 'With --free: TERM, INT, HUP, QUIT or KILL',
      parse: parseSignal,
      defaultText: 'TERM',
    },
    {
      flags: '--grace <time>',
      text: 'With --free: how long a process may take to end',
      parse: parseDuration,
      defaultText: '5s',
    },
    {
      flags: '--expect-cwd <dir>',
      text: 'With --free: only a process that runs in this folder or below it',
    },
  ],
}

/**
 * Refuses flags that would be ignored.
 *
 * @throws ERR_USAGE
 */
export function checkActFlags(flags: ActFlags): void {
  const ofFree = (['force', 'signal', 'grace', 'expectCwd'] as const).find(
    name => flags[name] !== undefined,
  )
  if (ofFree !== undefined && !flags.free) throw needs(ofFree, '--free')
  const ofBoth = (['dryRun', 'yes'] as const).find(name => flags[name] !== undefined)
  if (ofBoth !== undefined && !flags.free && !flags.close) throw needs(ofBoth, '--free or --close')
}

function needs(name: string, other: string): Error {
  const flag = `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
  return usageError(`${flag} needs ${other}`, 'As in: sockctl inspect 3000 --free')
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const

/** Reads the name of a signal, with or without SIG. */
function parseSignal(text: string): NodeJS.Signals {
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  const signal = SIGNALS.find(one => one === name)
  if (signal !== undefined) return signal
  const names = SIGNALS.map(one => one.slice('SIG'.length)).join(', ')
  throw usageError(`"${text}" is not one of ${names}`)
}
