import { terminalJson } from '../../terminal-text.ts'
import type { CounterChange, CounterReading, ExplainedCounter } from '../counters/types.ts'

/** The counters to show, and the reading that they are from. */
interface CounterList {
  readonly reading: CounterReading
  readonly counters: readonly ExplainedCounter[]
}

/** The version of the JSON: see `SCHEMA_VERSION` of the sockets, with which it goes. */
const SCHEMA_VERSION = 1

/** Writes counters as one JSON document, a line for each, in pieces. */
export function* countersJson({ reading, counters }: CounterList): Generator<string> {
  const { takenAt, host, warnings } = reading
  const head = { schema: SCHEMA_VERSION, takenAt: takenAt.toISOString(), host, source: 'procfs' }
  yield `${object(head).slice(0, -1)},"counters":[`
  let separator = '\n'
  for (const counter of counters) {
    yield separator + object(counterEntries(counter))
    separator = ',\n'
  }
  yield `${separator === '\n' ? '' : '\n'}],"warnings":${terminalJson(JSON.stringify(warnings))}}\n`
}

/** Writes counters as JSON lines, in pieces: the reading, its counters, what could not be read. */
export function* countersNdjson({ reading, counters }: CounterList): Generator<string> {
  const time = reading.takenAt.toISOString()
  yield* readingEvents(reading)
  for (const counter of counters) {
    yield `${object({ event: 'counter', time, ...counterEntries(counter) })}\n`
  }
}

/** Writes the first lines of a watch: where it looks, and what could not be read. */
export function* readingEvents({ takenAt, host, warnings }: CounterReading): Generator<string> {
  const time = takenAt.toISOString()
  const head = { event: 'counters', time, schema: SCHEMA_VERSION, host, source: 'procfs' }
  yield `${object(head)}\n`
  for (const warning of warnings) yield `${object({ event: 'warning', time, ...warning })}\n`
}

/** Writes what changed in one interval as JSON lines. */
export function* changesNdjson(
  changes: readonly CounterChange[],
  takenAt: Date,
): Generator<string> {
  const time = takenAt.toISOString()
  for (const one of changes) {
    const { change, perSecond } = one
    const rate = one.kind === 'total' ? { perSecond: rounded(perSecond) } : {}
    yield `${object({ event: 'change', time, ...counterEntries(one), change, ...rate })}\n`
  }
}

/** Writes counters as comma-separated values (RFC 4180), in pieces. */
export function* countersCsv(
  counters: readonly ExplainedCounter[],
  options: { header: boolean },
): Generator<string> {
  if (options.header) yield csvLine(['name', 'value', 'kind', 'limit', 'group'])
  for (const { name, value, kind, limit, group } of counters) {
    yield csvLine([name, value, kind, limit ?? '', group])
  }
}

/** Writes what changed in one interval as comma-separated values. */
export function* changesCsv(
  changes: readonly CounterChange[],
  { takenAt, header }: { takenAt: Date; header: boolean },
): Generator<string> {
  if (header) yield csvLine(['time', 'name', 'change', 'perSecond', 'value', 'kind', 'group'])
  const time = takenAt.toISOString()
  for (const { name, change, perSecond, value, kind, group } of changes) {
    const rate = kind === 'total' ? String(rounded(perSecond)) : ''
    yield csvLine([time, name, change, rate, value, kind, group])
  }
}

function counterEntries({ name, value, kind, limit, group }: ExplainedCounter) {
  return { name, value, kind, ...(limit !== undefined && { limit }), group }
}

/** Writes an object of plain values; a bigint is written with all its digits, as JSON allows. */
function object(entries: object): string {
  const parts = Object.entries(entries).map(([key, value]) => {
    const text = typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
    return `${JSON.stringify(key)}:${text}`
  })
  return terminalJson(`{${parts.join(',')}}`)
}

function csvLine(cells: readonly (string | bigint)[]): string {
  return `${cells.map(cell => (/[",]/.test(`${cell}`) ? `"${cell}"` : `${cell}`)).join(',')}\r\n`
}

function rounded(perSecond: number): number {
  return Math.round(perSecond * 1000) / 1000
}
