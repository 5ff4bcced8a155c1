import { textWidth } from '../../terminal-text.ts'
import type { ViewPaint } from './types.ts'

/** One column of a table: what it says of a row. */
export interface TableColumn<Row> {
  readonly heading: string
  /** Safe to print, and one line. */
  cell(row: Row): string
  /** How many columns of a terminal a cell takes, where that is not one for each letter. */
  widthOf?(text: string, row: Row): number
  /** Numbers stand right, under each other. */
  readonly align?: 'right'
  /** Whether it may lose its end on a terminal that is too narrow, where it stands last. */
  readonly mayBeCut?: boolean
  /** Colours a cell; the text comes with its padding. */
  paint?(text: string, row: Row, paint: ViewPaint): string
}

export interface TableOptions<Row> {
  readonly header: boolean
  readonly paint: ViewPaint
  /** Columns of the terminal. Undefined: there is none, nothing is cut. */
  readonly width?: number | undefined
  /** What else is to be said of a row, in lines of its own below it. */
  readonly below?: ((row: Row) => string) | undefined
}

/** So many rows decide how wide the columns begin. */
const MEASURED_ROWS = 200

/** What is wider than an IPv6 address with its port pushes its own row aside, not all the others. */
const WIDEST_COLUMN = 47

/** With less room than this, half a name helps nobody: the row is left to wrap. */
const LEAST_ROOM = 12

/**
 * Writes rows as a borderless table, line by line. The columns are as wide as the first rows need,
 * and get wider when a later one needs it. The last column is not padded but for numbers; it alone may
 * be cut, with an `…`, on a terminal that is too narrow.
 */
export function* tableView<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  options: TableOptions<Row>,
): Generator<string> {
  const { header, below } = options
  const padded = columns.filter((column, i) => i < columns.length - 1 || column.align === 'right')
  const widths = padded.map(column => measure(column, rows, header))
  const layout = { columns, widths, options }
  if (header) yield headerLine(layout)
  for (const row of rows) {
    const text = line(row, layout)
    yield below === undefined ? text : text + below(row)
  }
}

/** Whether a terminal of this width has room for the rows, as far as the first ones tell. */
export function fitsIn<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  { header, width }: { readonly header: boolean; readonly width: number },
): boolean {
  const widths = columns.map(column => measure(column, rows, header) + GAP)
  const last = columns.at(-1)
  if (last?.mayBeCut) widths[widths.length - 1] = Math.min(widths.at(-1) ?? 0, READABLE + GAP)
  return widths.reduce((sum, one) => sum + one, -GAP) <= width
}

/** A name and a pid: as much as the last column should keep. */
const READABLE = 18

interface Layout<Row> {
  readonly columns: readonly TableColumn<Row>[]
  readonly widths: number[]
  readonly options: TableOptions<Row>
}

function measure<Row>(column: TableColumn<Row>, rows: readonly Row[], header: boolean): number {
  let widest = header ? column.heading.length : 0
  for (const row of rows.slice(0, MEASURED_ROWS)) {
    const text = column.cell(row)
    widest = Math.max(widest, column.widthOf?.(text, row) ?? text.length)
  }
  return Math.min(widest, WIDEST_COLUMN)
}

function headerLine<Row>({ columns, widths, options }: Layout<Row>): string {
  const last = columns.length - 1
  const headings = columns.map(({ heading, align }, i) =>
    i === last && align === undefined
      ? heading
      : pad(heading, (widths[i] ?? 0) - heading.length, { align, gap: i === last ? 0 : GAP }),
  )
  return `${options.paint.strong(headings.join(''))}\n`
}

function line<Row>(row: Row, { columns, widths, options }: Layout<Row>): string {
  const last = columns.length - 1
  let text = ''
  let used = 0
  for (let i = 0; i <= last; i++) {
    const column = columns[i] as TableColumn<Row>
    let cell = column.cell(row)
    if (i === last && column.align === undefined) {
      if (column.mayBeCut && options.width) cell = cutToRoom(cell, options.width - used)
    } else {
      const width = column.widthOf === undefined ? cell.length : column.widthOf(cell, row)
      if (width > (widths[i] ?? 0)) widths[i] = Math.min(width, WIDEST_COLUMN)
      const missing = Math.max(0, (widths[i] ?? 0) - width)
      cell = pad(cell, missing, { align: column.align, gap: i === last ? 0 : GAP })
      used += width + missing + GAP
    }
    text += column.paint === undefined ? cell : column.paint(cell, row, options.paint)
  }
  return `${text}\n`
}

/** Fills a cell up with the blanks that are missing, and the gap to the next column. */
function pad(
  text: string,
  missing: number,
  { align, gap }: { readonly align: 'right' | undefined; readonly gap: number },
): string {
  if (align === 'right') return `${BLANKS[missing]}${text}${BLANKS[gap]}`
  return text + BLANKS[missing + gap]
}

/** Blanks between two columns. */
const GAP = 2

/** Making blanks anew for every cell would be a third of the work. */
const BLANKS: readonly string[] = Array.from({ length: WIDEST_COLUMN + GAP + 1 }, (_, i) =>
  ' '.repeat(i),
)

/** A text that fits into this many columns of a terminal: a longer one ends in an `…`. */
export function cutToRoom(text: string, room: number): string {
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
