import { terminalJson } from '../../terminal-text.ts'
import type { SavedDocument } from '../checks/saved/types.ts'
import type { CheckResult } from '../checks/types.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { Column, ListFacts } from './columns/types.ts'
import type { GroupJson } from './groups.ts'
import type { StateCount } from './summary.ts'
import type { SocketList } from './types.ts'

/** Raised when a key is removed or changes its type; new keys leave it as it is. */
export const SCHEMA_VERSION = 1

/** One socket as JSON: the columns by their keys. What is not known is left out. */
export type SocketJson = Readonly<Record<string, unknown>>

/** Makes the value that stands for one socket in `--json` and `--ndjson`. */
export function socketJson(
  record: SocketRecord,
  columns: readonly Column[],
  facts: ListFacts,
): SocketJson {
  const json: Record<string, unknown> = {}
  for (const column of columns) {
    const value = column.value(record, facts)
    if (value !== undefined) json[column.key] = value
  }
  return json
}

/**
 * Writes the list as one JSON document, a line for each socket, in pieces.
 *
 * @param more more keys of the document: what was found out about the sockets together
 */
export function* jsonView(
  list: SocketList,
  columns: readonly Column[],
  more: Readonly<Record<string, unknown>> = {},
): Generator<string> {
  yield* documentJson(
    list.snapshot,
    'sockets',
    map(list.records, one => socketJson(one, columns, list)),
    more,
  )
}

/** Writes the list as a document that can be kept: it also says what it takes to compare two. */
export function* savedJsonView(
  list: SocketList,
  columns: readonly Column[],
  head: Pick<SavedDocument, 'bootId' | 'selection'>,
): Generator<string> {
  const sockets = map(list.records, one => socketJson(one, columns, list))
  yield* documentJson(list.snapshot, 'sockets', sockets, head)
}

/** Writes the counts as one JSON document: `counts` takes the place of `sockets`. */
export function* summaryJsonView(
  snapshot: Snapshot,
  counts: readonly StateCount[],
): Generator<string> {
  yield* documentJson(snapshot, 'counts', counts)
}

/** Writes groups as one JSON document: `groups` takes the place of `sockets`. */
export function* groupsJsonView(
  snapshot: Snapshot,
  groups: readonly GroupJson[],
): Generator<string> {
  yield* documentJson(snapshot, 'groups', groups)
}

/** Writes the results of checks as one JSON document: `checks` takes the place of `sockets`. */
export function* checksJsonView(
  snapshot: Snapshot,
  results: readonly CheckResult[],
): Generator<string> {
  yield* documentJson(snapshot, 'checks', results)
}

/**
 * Writes the list as JSON lines, in pieces: the snapshot, its sockets, and what could not be seen.
 * Each line has an `event` and a `time`.
 */
export function* ndjsonView(list: SocketList, columns: readonly Column[]): Generator<string> {
  const events = map(
    list.records,
    one => ({ event: 'socket', value: socketJson(one, columns, list) }) as const,
  )
  yield* eventLines(list.snapshot, events)
}

/** Writes groups as JSON lines. */
export function* groupsNdjsonView(
  snapshot: Snapshot,
  groups: readonly GroupJson[],
): Generator<string> {
  const events = map(groups, value => ({ event: 'group', value }) as const)
  yield* eventLines(snapshot, events)
}

/** A line of `--ndjson`: what it is of, and its keys. */
interface Event {
  readonly event: 'socket' | 'group' | 'finding' | 'unanswered'
  readonly value: object
}

/** Writes events as JSON lines, between the snapshot and what could not be seen. */
export function* eventLines(
  { takenAt, host, source, warnings }: Snapshot,
  events: Iterable<Event>,
): Generator<string> {
  const time = takenAt.toISOString()
  yield `${line({ event: 'snapshot', time, schema: SCHEMA_VERSION, host, source })}\n`
  for (const { event, value } of events) yield `${line({ event, time, ...value })}\n`
  for (const warning of warnings) yield `${line({ event: 'warning', time, ...warning })}\n`
}

/** Writes values as one JSON document, a line for each. */
export function* documentJson(
  { takenAt, host, source, warnings }: Snapshot,
  key: 'sockets' | 'findings' | 'counts' | 'groups' | 'checks',
  values: Iterable<unknown>,
  more: object = {},
): Generator<string> {
  const head = { schema: SCHEMA_VERSION, takenAt: takenAt.toISOString(), host, source, ...more }
  yield `${line(head).slice(0, -1)},"${key}":[`
  let separator = '\n'
  for (const value of values) {
    yield separator + line(value)
    separator = ',\n'
  }
  yield `${separator === '\n' ? '' : '\n'}],"warnings":${line(warnings)}}\n`
}

function* map<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U> {
  for (const value of values) yield change(value)
}

function line(value: unknown): string {
  return terminalJson(JSON.stringify(value))
}
