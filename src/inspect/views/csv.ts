import { terminalText } from '../../terminal-text.ts'
import { cellOf } from './columns/cells.ts'
import type { Column } from './columns/types.ts'
import type { SocketList } from './types.ts'

type Cell = string | number | boolean | undefined

/**
 * Writes the list as comma-separated values, in pieces: the first line names the columns, an unknown
 * value is empty. What is an object in JSON is written as in the table.
 */
export function* csvView(
  list: SocketList,
  columns: readonly Column[],
  options: { header: boolean },
): Generator<string> {
  if (options.header) yield csvLine(columns.map(({ key }) => key))
  for (const record of list.records) {
    yield csvLine(
      columns.map(column => {
        const value = column.value(record, list)
        return typeof value === 'object' ? cellOf(column, record, list) : (value as Cell)
      }),
    )
  }
}

/**
 * Writes one line of comma-separated values (RFC 4180). CSV has no escapes, so control characters in
 * names are written as ours.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(',')}\r\n`
}

function quoted(cell: Cell): string {
  if (cell === undefined) return ''
  const text = typeof cell === 'string' ? terminalText(cell) : String(cell)
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
