import { textWidth } from '../../terminal-text.ts'
import { formatDuration, formatNumber } from '../../units.ts'
import type { LiveRow, LiveRows } from '../watch/live-rows.ts'
import { sparkline, type Trend } from '../watch/trends.ts'
import { cellOf } from './columns/cells.ts'
import { COLUMNS } from './columns/index.ts'
import type { Column, ListFacts } from './columns/types.ts'
import { cutTo, padTo } from './fit-text.ts'
import type { ViewPaint } from './types.ts'
import { STATE_LABELS } from './words.ts'

/** Everything that a live table shows. */
export interface LiveTable {
  /** What is watched: `sockctl inspect 8080`. */
  readonly title: string
  readonly intervalMs: number
  readonly takenAt: Date
  readonly isPaused: boolean
  readonly trends: readonly Trend[]
  readonly rows: LiveRows
  /** What could not be seen at this look; undefined: all was. */
  readonly warning: string | undefined
  /** How many sockets there are, with those that the filter hides. */
  readonly total: number
  readonly columns: readonly Column[]
  readonly facts: ListFacts
  /** What it is sorted by: `change`, `LOCAL`. */
  readonly sortedBy: string
  readonly isReversed: boolean
  readonly filter: string
  /** The filter is being typed. */
  readonly isTyping: boolean
  /** So many rows were scrolled away. */
  readonly offset: number
}

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** Draws a live table as the lines of a screen: no more than it has, and none wider. */
export function liveFrame(table: LiveTable, size: ScreenSize, paint: ViewPaint): string[] {
  const head = [
    titleLine(table, size, paint),
    ...(table.warning === undefined ? [] : [paint.warn(cutTo(table.warning, size.columns))]),
    ...trendLines(table.trends, size, paint),
  ]
  const foot = [footLine(table, size, paint)]
  const room = Math.max(0, size.rows - head.length - foot.length - 2)
  const shown = table.rows.slice(table.offset, table.offset + room)
  const body = tableLines(shown, table, size, paint)
  const filler = Array.from({ length: room - shown.length }, () => '')
  return [...head, '', ...body, ...filler, ...foot].slice(0, size.rows)
}

/** How many rows of the table such a screen has room for. */
export function rowsIn(
  { trends, warning }: Pick<LiveTable, 'trends' | 'warning'>,
  size: ScreenSize,
): number {
  const head = 1 + (warning === undefined ? 0 : 1) + trendRows(trends, size).length
  return Math.max(1, size.rows - head - 3)
}

function titleLine(
  { title, intervalMs, takenAt, isPaused, total }: LiveTable,
  { columns }: ScreenSize,
  paint: ViewPaint,
): string {
  const time = takenAt.toTimeString().slice(0, 8)
  const every = `${time}  every ${formatDuration(intervalMs)}`
  const right = isPaused ? `${every}  PAUSED` : every
  const plural = total === 1 ? 'socket' : 'sockets'
  const count = `${formatNumber(total)} ${plural}`
  if (columns < 2 * right.length) return paint.strong(cutTo(`${title}: ${count}`, columns))
  const left = cutTo(`${title}: ${count}`, columns - right.length - 2)
  const blanks = ' '.repeat(Math.max(1, columns - textWidth(left) - right.length))
  return paint.strong(left) + blanks + (isPaused ? paint.warn(right) : paint.dim(right))
}

/** Label, count and bars: as wide as this, and wider where there is room. */
const TREND_WIDTH = 26
const LABEL_WIDTH = 10
const COUNT_WIDTH = 6

function trendRows(trends: readonly Trend[], { columns }: ScreenSize): (readonly Trend[])[] {
  const perRow = Math.floor(columns / TREND_WIDTH)
  if (perRow === 0) return []
  const rows: (readonly Trend[])[] = []
  for (let at = 0; at < trends.length; at += perRow) rows.push(trends.slice(at, at + perRow))
  return rows
}

function trendLines(trends: readonly Trend[], size: ScreenSize, paint: ViewPaint): string[] {
  const perRow = Math.max(1, Math.min(trends.length, Math.floor(size.columns / TREND_WIDTH)))
  const width = Math.min(Math.floor(size.columns / perRow), 60)
  const bars = width - LABEL_WIDTH - COUNT_WIDTH - 4
  return trendRows(trends, size).map(row =>
    row
      .map(({ state, counts }) => {
        const label = STATE_LABELS[state].padEnd(LABEL_WIDTH)
        const count = formatNumber(counts.at(-1) ?? 0).padStart(COUNT_WIDTH)
        const line = sparkline(counts, bars).padEnd(bars)
        return `${label} ${paint.strong(count)} ${paint.good(line)}  `
      })
      .join('')
      .trimEnd(),
  )
}

/** What is left out first where there is no room. */
const DISPENSABLE: readonly Column[] = [COLUMNS.sendQueue, COLUMNS.receiveQueue]

/** With less, neither an address nor a name can be told. */
const LEAST_WIDTH = 12

function tableLines(
  rows: readonly LiveRow[],
  { columns: all, facts, sortedBy, isReversed }: LiveTable,
  size: ScreenSize,
  paint: ViewPaint,
): string[] {
  const cells = rows.map(({ socket }) => all.map(column => cellOf(column, socket.record, facts)))
  const natural = all.map((column, i) =>
    Math.max(column.heading.length + 1, ...cells.map(row => textWidth(row[i] ?? ''))),
  )
  const { shown, widths } = fitted(all, natural, size.columns - 2)
  const heading = shown.map(i => {
    const column = all[i] as Column
    const arrow = column.heading !== sortedBy ? '' : isReversed ? '▲' : '▼'
    return padTo(column.heading + arrow, widths[i] ?? 0, column.align)
  })
  const lines = rows.map(({ socket, mark }, at) => {
    const texts = shown.map(i => {
      const column = all[i] as Column
      const text = padTo(cells[at]?.[i] ?? '', widths[i] ?? 0, column.align)
      const isPlain = mark === ' ' || mark === '~'
      return isPlain ? (column.paint?.(text, socket.record, paint) ?? text) : text
    })
    const line = `${mark} ${texts.join('  ')}`
    if (mark === '+') return paint.good(line)
    if (mark === '-') return paint.dim(line)
    return mark === '~' ? paint.warn('~') + line.slice(1) : line
  })
  return [paint.strong(`  ${heading.join('  ')}`), ...lines]
}

/** Leaves out what can be missed, then takes from the widest columns, until all fits. */
function fitted(
  columns: readonly Column[],
  natural: readonly number[],
  room: number,
): { readonly shown: readonly number[]; readonly widths: readonly number[] } {
  const widths = [...natural]
  let shown = columns.map((_, i) => i)
  const used = (): number => shown.reduce((sum, i) => sum + (widths[i] ?? 0) + 2, -2)
  for (const column of DISPENSABLE) {
    if (used() > room) shown = shown.filter(i => columns[i] !== column)
  }
  while (used() > room) {
    const widest = shown.reduce(
      (a, b) => ((widths[b] ?? 0) >= (widths[a] ?? 0) ? b : a),
      shown[0] ?? 0,
    )
    if ((widths[widest] ?? 0) <= LEAST_WIDTH) {
      shown = shown.slice(0, -1)
      if (shown.length === 0) break
      continue
    }
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return { shown, widths }
}

function footLine(table: LiveTable, { columns, rows }: ScreenSize, paint: ViewPaint): string {
  const { isTyping, filter, sortedBy, isReversed, offset } = table
  if (isTyping) return cutTo(`/${filter}_   Enter keeps it, Esc takes it away`, columns)
  const last = Math.min(table.rows.length, offset + rowsIn(table, { columns, rows }))
  const range = table.rows.length === 0 ? 'none' : `${offset + 1}-${last} of ${table.rows.length}`
  const sort = `s sort: ${sortedBy}${isReversed ? ' ▲' : ''}`
  const search = filter === '' ? '/ filter' : `/ ${filter}`
  const keys = `${sort}  r reverse  ${search}  p pause  q quit   ${range}`
  return paint.dim(cutTo(keys, columns))
}
