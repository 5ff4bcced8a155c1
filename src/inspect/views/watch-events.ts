import { terminalJson } from '../../terminal-text.ts'
import type { Warning } from '../types.ts'
import type { Beat, WatchEvent } from '../watch/selected-watch.ts'
import type { WatchedSocket } from '../watch/types.ts'
import { cellOf } from './columns/cells.ts'
import { COLUMNS } from './columns/index.ts'
import type { Column, ListFacts } from './columns/types.ts'
import type { ViewPaint } from './types.ts'
import { STATE_LABELS } from './words.ts'

/** Writes what happened as JSON lines: the keys of the socket behind `event` and `time`. */
export function* eventNdjson(
  events: readonly WatchEvent[],
  columns: readonly Column[],
  facts: ListFacts,
): Generator<string> {
  const time = facts.snapshot.takenAt.toISOString()
  for (const { kind, socket } of events) {
    const json: Record<string, unknown> = { event: kind, time }
    if (kind === 'state') json.stateBefore = socket.stateBefore
    for (const column of columns) {
      const value = column.value(socket.record, facts)
      if (value !== undefined) json[column.key] = value
    }
    yield `${terminalJson(JSON.stringify(json))}\n`
  }
}

/** Writes what could not be seen as JSON lines of their own. */
export function* warningNdjson(warnings: readonly Warning[], takenAt: Date): Generator<string> {
  const time = takenAt.toISOString()
  for (const { code, message } of warnings) {
    yield `${terminalJson(JSON.stringify({ event: 'warning', time, code, message }))}\n`
  }
}

/** How the events are written as lines. */
export interface EventLineOptions {
  readonly columns: readonly Column[]
  readonly paint: ViewPaint
}

type EventWord = WatchEvent['kind'] | 'here'

/**
 * Writes events as lines for people and for grep(1): when, what, and the columns of the socket. The
 * columns get as wide as they have to, and stay so.
 */
export class EventLines {
  readonly #columns: readonly Column[]
  readonly #paint: ViewPaint
  readonly #widths: number[]

  constructor({ columns, paint }: EventLineOptions) {
    this.#columns = columns
    this.#paint = paint
    this.#widths = columns.map(({ key, heading }) =>
      Math.max(heading.length, LEAST_WIDTHS[key] ?? 0),
    )
  }

  /** The headings. */
  header(): string {
    const headings = this.#columns.map(({ heading }) => heading)
    return this.#paint.strong(this.#line(['TIME'.padEnd(12), 'EVENT', ...headings]))
  }

  /** The sockets that are there when it begins. */
  *here({ sockets }: Beat, facts: ListFacts): Generator<string> {
    for (const socket of sockets) yield this.#event('here', socket, facts)
  }

  /** What happened since the look before. */
  *events({ events }: Beat, facts: ListFacts): Generator<string> {
    for (const { kind, socket } of events) yield this.#event(kind, socket, facts)
  }

  #event(word: EventWord, socket: WatchedSocket, facts: ListFacts): string {
    const cells = this.#columns.map(column =>
      column === COLUMNS.state && word === 'state' && socket.stateBefore !== undefined
        ? `${STATE_LABELS[socket.stateBefore]}>${STATE_LABELS[socket.state]}`
        : cellOf(column, socket.record, facts),
    )
    const line = this.#line([timeOf(facts.snapshot.takenAt), word, ...cells])
    if (word === 'open') return this.#paint.good(line)
    return word === 'close' ? this.#paint.dim(line) : line
  }

  #line([time = '', word = '', ...cells]: readonly string[]): string {
    const last = cells.length - 1
    const padded = cells.map((cell, i) => {
      if (i === last) return cell
      const width = Math.min(WIDEST, Math.max(this.#widths[i] ?? 0, cell.length))
      this.#widths[i] = width
      return cell.padEnd(width)
    })
    return `${[time, word.padEnd(5), ...padded].join('  ')}\n`
  }
}

/** Room for what is likely to come, so that the columns seldom move. */
const LEAST_WIDTHS: Readonly<Record<string, number>> = {
  state: 16,
  local: 21,
  remote: 21,
  openTo: 9,
}

/** What is wider than an IPv6 address with its port pushes its own line aside. */
const WIDEST = 47

/** The time of day where the reader is: `12:00:03.250`. */
function timeOf(time: Date): string {
  const ms = String(time.getMilliseconds()).padStart(3, '0')
  return `${time.toTimeString().slice(0, 8)}.${ms}`
}
