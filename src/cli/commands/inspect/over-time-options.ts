import { usageError } from '../../../errors.ts'
import { parseCount } from '../../../units.ts'
import type { OptionGroup } from '../types.ts'
import { parseInterval } from './watch.ts'

/** How a list can be shown that is no report. */
const STILL_VIEWS = ['summary', 'groupBy', 'csv', 'columns', 'sort', 'top', 'peer']

/** The options of `sockctl inspect` that are about more than one moment. */
export const OVER_TIME_OPTIONS: OptionGroup = {
  title: 'As time goes by',
  options: [
    {
      flags: '--watch [interval]',
      text: 'What changes in every interval, 1s unless it is given: live on a terminal',
      parse: parseInterval,
    },
    { flags: '--count <n>', text: 'Stop after so many intervals', parse: parseIntervals },
    {
      flags: '--leaks',
      text: 'Which processes do not close what their peers have closed: exit 1 for a leak',
      conflicts: [...STILL_VIEWS, 'counters', 'ephemeral'],
    },
    {
      flags: '--max <n>',
      text: 'With --leaks: more than so many of a process are one, and nothing else is',
      parse: parseCount,
    },
    {
      flags: '--ephemeral',
      text: 'How much of the ports for outgoing connections is used, to whom, by whom',
      conflicts: [...STILL_VIEWS, 'counters'],
    },
    {
      flags: '--fail-on <percent>',
      text: 'With --ephemeral: exit 1 when so much is used',
      parse: parsePercent,
    },
    {
      flags: '--interval <time>',
      text: 'Between the two looks of --leaks and --ephemeral; 0: one look',
      parse: parsePause,
      defaultText: '1s',
      conflicts: ['watch'],
    },
    { flags: '--changes-only', text: 'Without the sockets that are there at the beginning' },
  ],
}

function parsePercent(text: string): number {
  const percent = parseCount(text.replace(/ ?%$/, ''))
  if (percent < 1 || percent > 100) throw usageError('1 to 100')
  return percent
}

function parsePause(text: string): number {
  return /^0+(?:ms|s)?$/.test(text) ? 0 : parseInterval(text)
}

function parseIntervals(text: string): number {
  const count = parseCount(text)
  if (count === 0) throw usageError('at least 1 interval')
  return count
}
