import { terminalText } from '../../terminal-text.ts'
import type { CounterChange, ExplainedCounter } from '../counters/types.ts'
import type { ViewPaint } from './types.ts'

/** How counters are shown to people. */
export interface CounterViewOptions {
  readonly header: boolean
  readonly paint: ViewPaint
  /** Columns of the terminal. Undefined: there is none, nothing is wrapped. */
  readonly width?: number | undefined
}

/** Writes counters in their groups, one to a line: its name, its value, what it means. */
export function* countersView(
  counters: readonly ExplainedCounter[],
  { header, paint, width }: CounterViewOptions,
): Generator<string> {
  const rows = counters.map(counter => ({ ...counter, shown: valueText(counter) }))
  const names = widest(rows.map(({ name }) => name))
  const values = widest(rows.map(({ shown }) => shown))
  const indent = 2 + names + 2 + values + 2
  let group: string | undefined
  for (const row of rows) {
    if (header && row.group !== group) {
      yield `${group === undefined ? '' : '\n'}${paint.strong(row.group.toUpperCase())}\n`
    }
    group = row.group
    const name = terminalText(row.name)
    const head = `  ${name.padEnd(names)}  ${row.shown.padStart(values)}`
    yield `${withText(head, row.text, { indent, width, paint })}\n`
  }
}

/** The columns before the explanation, and how wide they are. */
const CHANGE_WIDTHS = { time: 8, change: 11, perSecond: 11, now: 15 } as const

/** The headings above `changesView`. */
export function changesHeader({ paint }: Pick<CounterViewOptions, 'paint'>): string {
  return `${paint.strong(changeColumns('TIME', 'CHANGE', 'PER SECOND', 'NOW', 'COUNTER'))}\n`
}

/** Writes what changed in one interval, a line for each counter that did. */
export function* changesView(
  changes: readonly CounterChange[],
  { takenAt, paint, width }: Omit<CounterViewOptions, 'header'> & { readonly takenAt: Date },
): Generator<string> {
  const indent = changeColumns('', '', '', '', ''.padEnd(NAME_WIDTH)).length + 2
  for (const one of changes) {
    const { change, kind } = one
    const head = changeColumns(
      takenAt.toTimeString().slice(0, CHANGE_WIDTHS.time),
      change > 0n ? `+${change}` : `${change}`,
      kind === 'level' ? '' : rateText(one.perSecond),
      valueText(one),
      terminalText(one.name).padEnd(NAME_WIDTH),
    )
    yield `${withText(head, one.text, { indent, width, paint })}\n`
  }
}

/** Most names are not longer; the others push their own line aside. */
const NAME_WIDTH = 29

function changeColumns(time: string, change: string, rate: string, now: string, name: string) {
  const { time: t, change: c, perSecond, now: n } = CHANGE_WIDTHS
  return [time.padEnd(t), change.padStart(c), rate.padStart(perSecond), now.padStart(n), name].join(
    '  ',
  )
}

function valueText({ value, limit }: ExplainedCounter): string {
  return limit === undefined ? `${value}` : `${value} of ${limit}`
}

function rateText(perSecond: number): string {
  return Math.abs(perSecond) < 100 ? perSecond.toFixed(1) : perSecond.toFixed(0)
}

/** With less room than this an explanation is left to wrap by itself. */
const LEAST_ROOM = 24

/** Puts the explanation behind its counter; where it is too long, it goes on below its start. */
function withText(
  head: string,
  text: string | undefined,
  { indent, width, paint }: { indent: number; width: number | undefined; paint: ViewPaint },
): string {
  if (text === undefined) return head.trimEnd()
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - indent
  const lines = room < LEAST_ROOM ? [text] : wrapped(text, room)
  return `${head}  ${lines.map(line => paint.dim(line)).join(`\n${' '.repeat(indent)}`)}`
}

function wrapped(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(text => text.length))
}
