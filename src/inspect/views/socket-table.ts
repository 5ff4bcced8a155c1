import type { SocketRecord } from '../types.ts'
import { type AskedDetails, detailColumns, RARE_COLUMNS } from './column-choice.ts'
import { cellOf, NONE } from './columns/cells.ts'
import { COLUMNS } from './columns/index.ts'
import type { Column, ListFacts } from './columns/types.ts'
import { detailFacts } from './detail-facts.ts'
import { cutToRoom, fitsIn, type TableColumn, type TableOptions, tableView } from './table.ts'
import type { SocketList } from './types.ts'
import { factLines, INDENT } from './wrap-facts.ts'

/** What a table of sockets shall look like. */
export interface SocketTableOptions extends Omit<TableOptions<SocketRecord>, 'below'> {
  /** Of every socket; those of who holds it stand last. */
  readonly columns: readonly Column[]
  /** What `-o`, `-e`, `-i` and `-m` add. Undefined: the columns are all there is to show. */
  readonly details?: AskedDetails | undefined
  /** One line for each socket, however narrow the terminal. */
  readonly oneline: boolean
}

/**
 * Writes sockets as a table. Details are columns too where there is room for them: without a
 * terminal, on a wide one, and with `oneline`. Else they stand in words below each socket; and so do
 * the processes where there is no room even for these.
 */
export function socketTable(list: SocketList, options: SocketTableOptions): Iterable<string> {
  const { details, header, width, oneline } = options
  const { records } = list
  const columns = withRareColumns(options.columns, list, details)
  if (details === undefined) return tableView(records, bound(columns, list), options)
  const added = presentColumns(detailColumns(details), list)
  const wide = bound(beforeOwners(columns, added), list)
  if (width === undefined || oneline || fitsIn(records, wide, { header, width })) {
    return tableView(records, wide, options)
  }
  const narrow = bound(columns, list)
  if (added.length > 0 && fitsIn(records, narrow, { header, width })) {
    return tableView(records, narrow, { ...options, below: wordsBelow(list, [], options) })
  }
  const holders = columns.filter(({ mayBeCut }) => mayBeCut)
  const rest = columns.filter(({ mayBeCut }) => !mayBeCut)
  const below = wordsBelow(list, holders, options)
  return tableView(records, bound(rest, list), { ...options, below })
}

/** Makes the function that writes what found no room in a row: who holds the socket, and details. */
function wordsBelow(
  list: SocketList,
  holders: readonly Column[],
  { details, paint, width = 0 }: SocketTableOptions,
): (record: SocketRecord) => string {
  return record => {
    let text = ''
    for (const column of holders) {
      const cell = cellOf(column, record, list)
      if (cell === NONE) continue
      const words = column === COLUMNS.peerOwners ? `peer: ${cell}` : cell
      const line = cutToRoom(words, width - INDENT.length)
      text += `${INDENT}${column.paint?.(line, record, paint) ?? line}\n`
    }
    if (details === undefined) return text
    for (const facts of detailFacts(record, list, details)) {
      text += factLines(facts, { width, paint: paint.dim })
    }
    return text
  }
}

/** What somebody should see though they did not ask: that a listener had to turn clients away. */
function withRareColumns(
  columns: readonly Column[],
  { records }: SocketList,
  details: AskedDetails | undefined,
): readonly Column[] {
  // Only where drops were asked for: a list of 100,000 sockets is not read twice in vain.
  const drops =
    !details?.memory &&
    records[0]?.memory !== undefined &&
    records.some(one => (one.drops ?? 0) > 0)
  const netns = records[0]?.netns !== undefined
  return beforeOwners(columns, [
    ...(netns && !columns.includes(COLUMNS.netns) ? [COLUMNS.netns] : []),
    ...(drops && !columns.includes(COLUMNS.drops) ? [COLUMNS.drops] : []),
  ])
}

/** The columns of those who hold a socket come last: they may be long. */
function beforeOwners(columns: readonly Column[], more: readonly Column[]): readonly Column[] {
  const added = more.filter(column => !columns.includes(column))
  const first = columns.findIndex(({ mayBeCut }) => mayBeCut)
  const at = first === -1 ? columns.length : first
  return [...columns.slice(0, at), ...added, ...columns.slice(at)]
}

/** Without those that rarely have something to say, and have nothing to say here. */
function presentColumns(columns: readonly Column[], list: SocketList): readonly Column[] {
  return columns.filter(
    column =>
      !RARE_COLUMNS.has(column) ||
      list.records.some(record => cellOf(column, record, list) !== NONE),
  )
}

function bound(columns: readonly Column[], facts: ListFacts): TableColumn<SocketRecord>[] {
  return columns.map(column => ({
    heading: column.heading,
    cell: cellFor(column, facts),
    ...(column.widthOf && { widthOf: column.widthOf }),
    ...(column.align && { align: column.align }),
    ...(column.mayBeCut && { mayBeCut: column.mayBeCut }),
    ...(column.paint && { paint: column.paint }),
  }))
}

/** Without a step in between where a column writes its cells itself: there may be a million. */
function cellFor(column: Column, facts: ListFacts): (record: SocketRecord) => string {
  const { cell } = column
  return cell === undefined
    ? record => cellOf(column, record, facts)
    : record => cell(record, facts)
}
