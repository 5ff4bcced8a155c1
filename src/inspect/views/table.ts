import textWidth from 'fast-string-width'
import type { SocketRecord } from '../types.ts'
import type { ViewPaint } from './types.ts'

/** One column of a table: what it says of a record. */
export interface Column {
  readonly heading: string
  /** Safe to print, and one line. */
  cell(record: SocketRecord): string
  /** How many columns of a terminal a cell takes, where that is not one for each letter. */
  widthOf?(text: string, record: SocketRecord): number
  /** Numbers stand right, under each other. */
  readonly align?: 'right'
  /** Whether it may lose its end on a terminal that is too narrow, where it stands last. */
  readonly mayBeCut?: boolean
  /** Colours a cell; the text comes with its padding. */
  paint?(text: string, record: SocketRecord, paint: ViewPaint): string
}

export interface TableOptions {
  readonly header: boolean
  readonly paint: ViewPaint
  /** Columns of the terminal. Undefined: there is none, nothing is cut. */
  readonly width?: number | undefined
}

/** So many rows decide how wide the columns begin. */
const MEASURED_ROWS = 200

/** What is wider than an IPv6 address with its port pushes its own row aside, not all the others. */
const WIDEST_COLUMN = 47

/** With less room than this, half a name helps nobody: the row is left to wrap. */
const LEAST_ROOM = 12

/**
 * Writes records as a borderless table, line by line. The columns are as wide as the first rows
 * need, and get wider when a later one needs it. The last column is not padded; it alone may be cut,
 * with an `…`, on a terminal that is too narrow.
 */
export function* tableView(
  records: readonly SocketRecord[],
  columns: readonly Column[],
  options: TableOptions,
): Generator<string> {
  const layout = { columns, widths: measure(records, columns, options), options }
  if (options.header) yield headerLine(layout)
  for (const record of records) yield line(record, layout)
}

interface Layout {
  readonly columns: readonly Column[]
  readonly widths: number[]
  readonly options: TableOptions
}

function measure(
  records: readonly SocketRecord[],
  columns: readonly Column[],
  { header }: TableOptions,
): number[] {
  const first = records.slice(0, MEASURED_ROWS)
  const padded = columns.slice(0, -1)
  return padded.map(column => {
    let widest = header ? column.heading.length : 0
    for (const record of first) {
      const text = column.cell(record)
      widest = Math.max(widest, column.widthOf?.(text, record) ?? text.length)
    }
    return Math.min(widest, WIDEST_COLUMN)
  })
}

function headerLine({ columns, widths, options }: Layout): string {
  const last = columns.length - 1
  const headings = columns.map(({ heading, align }, i) =>
    i === last ? heading : pad(heading, (widths[i] ?? 0) - heading.length, align),
  )
  return `${options.paint.strong(headings.join(''))}\n`
}

function line(record: SocketRecord, { columns, widths, options }: Layout): string {
  const last = columns.length - 1
  let text = ''
  let used = 0
  for (let i = 0; i <= last; i++) {
    const column = columns[i] as Column
    let cell = column.cell(record)
    if (i === last) {
      if (column.mayBeCut && options.width) cell = cutToRoom(cell, options.width - used)
    } else {
      const width = column.widthOf === undefined ? cell.length : column.widthOf(cell, record)
      if (width > (widths[i] ?? 0)) widths[i] = Math.min(width, WIDEST_COLUMN)
      const missing = Math.max(0, (widths[i] ?? 0) - width)
      cell = pad(cell, missing, column.align)
      used += width + missing + GAP
    }
    text += column.paint === undefined ? cell : column.paint(cell, record, options.paint)
  }
  return `${text}\n`
}

/** Fills a cell up with the blanks that are missing, and the gap to the next column. */
function pad(text: string, missing: number, align: Column['align']): string {
  if (align === 'right') return BLANKS[missing] + text + BLANKS[GAP]
  return text + BLANKS[missing + GAP]
}

/** Blanks between two columns. */
const GAP = 2

/** Making blanks anew for every cell would be a third of the work. */
const BLANKS: readonly string[] = Array.from({ length: WIDEST_COLUMN + GAP + 1 }, (_, i) =>
  ' '.repeat(i),
)

function cutToRoom(text: string, room: number): string {
  return room < LEAST_ROOM || textWidth(text) <= room ? text : `${cut(text, room - 1)}…`
}

/** The start of a text that fits into this many columns of a terminal. */
function cut(text: string, columns: number): string {
  let kept = ''
  let width = 0
  for (const character of text) {
    width += textWidth(character)
    if (width > columns) break
    kept += character
  }
  return kept
}
