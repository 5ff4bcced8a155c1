import { usageError } from '../../errors.ts'
import { closestWord } from '../../terminal-text.ts'
import type { Detail } from '../types.ts'
import { ALL_COLUMNS, COLUMNS } from './columns/index.ts'
import type { Column } from './columns/types.ts'

/** Which details a list shall have beyond those of every list. */
export interface AskedDetails {
  /** `-o` */
  readonly timers: boolean
  /** `-e`: who made a socket, and its numbers in the kernel. */
  readonly identity: boolean
  /** `-i`: what TCP knows of the connection. */
  readonly internals: boolean
  /** `-m` */
  readonly memory: boolean
}

/** The columns of the list, in the order of ss(8). */
export const LIST_COLUMNS: readonly Column[] = [
  COLUMNS.protocol,
  COLUMNS.state,
  COLUMNS.receiveQueue,
  COLUMNS.sendQueue,
  COLUMNS.local,
  COLUMNS.remote,
]

/** The columns of the overview of listeners. */
export const OVERVIEW_COLUMNS: readonly Column[] = [COLUMNS.protocol, COLUMNS.local, COLUMNS.openTo]

/** The columns that `-o`, `-e`, `-i` and `-m` add. */
export function detailColumns(asked: AskedDetails): readonly Column[] {
  return [
    ...(asked.timers ? [COLUMNS.timer] : []),
    ...(asked.identity ? IDENTITY : []),
    ...(asked.internals ? INTERNALS : []),
    ...(asked.memory ? MEMORY : []),
  ]
}

const IDENTITY = [
  COLUMNS.user,
  COLUMNS.inode,
  COLUMNS.cookie,
  COLUMNS.mark,
  COLUMNS.cgroup,
  COLUMNS.shutdown,
]

const INTERNALS = [
  COLUMNS.rttUs,
  COLUMNS.totalRetrans,
  COLUMNS.sndCwnd,
  COLUMNS.sndMssBytes,
  COLUMNS.congestion,
  COLUMNS.deliveryRateBytesPerSecond,
  COLUMNS.pacingRateBytesPerSecond,
  COLUMNS.bytesSent,
  COLUMNS.bytesRetrans,
  COLUMNS.bytesReceived,
  COLUMNS.limitedBy,
  COLUMNS.idleMs,
]

const MEMORY = [COLUMNS.receiveMemoryBytes, COLUMNS.sendMemoryBytes, COLUMNS.drops]

/** Those that most sockets have nothing to say in: they stand in a list only when one has. */
export const RARE_COLUMNS: ReadonlySet<Column> = new Set<Column>([
  COLUMNS.mark,
  COLUMNS.cgroup,
  COLUMNS.shutdown,
  COLUMNS.netns,
])

/**
 * The columns that a machine format has of itself: all but those for which something has to be asked
 * that was not.
 */
export function machineColumns(
  format: 'json' | 'csv',
  asked: { readonly details: ReadonlySet<Detail>; readonly peers: boolean },
): Column[] {
  return ALL_COLUMNS.filter(({ standsIn, needs }) => {
    if (standsIn === undefined || !standsIn.includes(format)) return false
    if (needs?.peers && !asked.peers) return false
    return needs?.details?.every(detail => asked.details.has(detail)) ?? true
  })
}

/** A word of `--columns`: these columns and no others, these too, or these not. */
export interface ColumnWord {
  readonly sign: '' | '+' | '-'
  readonly column: Column
}

/**
 * Reads `a,b` (these), `+c` (that one too) and `-d` (not that one).
 *
 * @throws ERR_USAGE for a column that there is not
 */
export function parseColumns(text: string): ColumnWord[] {
  return text.split(',').map(word => {
    const sign = word.startsWith('+') ? '+' : word.startsWith('-') ? '-' : ''
    return { sign, column: columnNamed(word.slice(sign.length)) }
  })
}

/** Changes the columns that a view has of itself as somebody asked. */
export function chooseColumns(
  standard: readonly Column[],
  words: readonly ColumnWord[],
): readonly Column[] {
  const named = words.filter(({ sign }) => sign === '').map(({ column }) => column)
  const chosen = new Set(named.length > 0 ? named : standard)
  for (const { sign, column } of words) {
    if (sign === '+') chosen.add(column)
    if (sign === '-') chosen.delete(column)
  }
  return [...chosen]
}

/**
 * Finds a column by its key or its heading; case does not matter.
 *
 * @throws ERR_USAGE, with the nearest one that there is
 */
export function columnNamed(text: string): Column {
  const word = bare(text)
  const found =
    ALL_COLUMNS.find(({ key }) => bare(key) === word) ??
    ALL_COLUMNS.find(({ heading }) => bare(heading) === word)
  if (found !== undefined) return found
  const close = closestWord(text, [
    ...ALL_COLUMNS.map(({ key }) => key),
    ...ALL_COLUMNS.map(({ heading }) => heading.toLowerCase()),
  ])
  throw usageError(
    text === '' ? 'a column is missing' : `no such column: "${text}"`,
    ...(close === undefined ? [] : [`Did you mean ${close}?`]),
    'All of them: sockctl help columns',
  )
}

function bare(text: string): string {
  return text.toLowerCase().replaceAll(/[-_ ]/g, '')
}
