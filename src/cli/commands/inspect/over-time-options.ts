import { usageError } from '../../../errors.ts'
import { parseCount } from '../../../units.ts'
import type { OptionGroup } from '../types.ts'
import { parseInterval } from './pace.ts'

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
      flags: '--ephemeral',
      text: 'How much of the ports for outgoing connections is used, to whom, by whom',
      conflicts: [...STILL_VIEWS, 'counters'],
    },
    { flags: '--changes-only', text: 'Without the sockets that are there at the beginning' },
  ],
}

function parseIntervals(text: string): number {
  const count = parseCount(text)
  if (count === 0) throw usageError('at least 1 interval')
  return count
}
