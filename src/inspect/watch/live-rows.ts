import { cellOf } from '../views/columns/cells.ts'
import type { Column, ListFacts } from '../views/columns/types.ts'
import { type SortKey, sortRecords } from '../views/order.ts'
import type { Beat } from './selected-watch.ts'
import type { WatchedSocket } from './types.ts'

/** What happened to a socket at this look: it is new, in another state, or gone. */
export type Mark = '+' | '~' | '-' | ' '

/** A socket that a live table shows. */
export interface LiveRow {
  readonly socket: WatchedSocket
  readonly mark: Mark
}

/** All rows of a live table. They are made when they are shown: a screen has room for few of them. */
export interface LiveRows {
  readonly length: number
  slice(from: number, to: number): readonly LiveRow[]
}

/** Which sockets stand in a live table, and in what order. */
export interface LiveOrder {
  /** Undefined: what changed last stands first. */
  readonly sort: SortKey | undefined
  /** With what changed last at the end. */
  readonly isReversed: boolean
  /** Words that all have to stand somewhere in the row. */
  readonly filter: string
  readonly columns: readonly Column[]
}

/** The text of rows that do not change is written once. */
export type RowTexts = WeakMap<WatchedSocket, { readonly text: string; readonly of: unknown }>

/** Picks and orders the rows of a live table: the sockets that are there, and those that just went. */
export function liveRows(
  { number, sockets, events }: Beat,
  { sort, isReversed, filter, columns }: LiveOrder,
  facts: ListFacts,
  texts: RowTexts,
): LiveRows {
  const gone = events.filter(({ kind }) => kind === 'close').map(({ socket }) => socket)
  const isGone = new Set(gone)
  const words = filter.toLowerCase().split(' ').filter(Boolean)
  const all = gone.length === 0 ? sockets : [...gone, ...sockets]
  const shown = words.length === 0 ? all : all.filter(one => hasWords(one, words))
  const ordered = sort === undefined ? inTime() : sorted(shown, sort)
  return {
    length: ordered.length,
    slice: (from, to) => ordered.slice(from, to).map(socket => ({ socket, mark: markOf(socket) })),
  }

  function inTime(): readonly WatchedSocket[] {
    const latest = latestFirst(shown, number, isGone)
    return isReversed ? latest.toReversed() : latest
  }

  function hasWords(socket: WatchedSocket, wanted: readonly string[]): boolean {
    const text = textOf(socket)
    return wanted.every(word => text.includes(word))
  }

  function textOf(socket: WatchedSocket): string {
    const of = socket.owners
    const known = texts.get(socket)
    if (known !== undefined && known.of === of && socket.changedAt < number) return known.text
    const cells = columns.map(column => cellOf(column, socket.record, facts))
    const text = cells.join(' ').toLowerCase()
    texts.set(socket, { text, of })
    return text
  }

  function sorted(some: readonly WatchedSocket[], key: SortKey): WatchedSocket[] {
    const byRecord = new Map(some.map(one => [one.record, one]))
    return sortRecords([...byRecord.keys()], [key], facts)
      .map(record => byRecord.get(record))
      .filter(one => one !== undefined)
  }

  function markOf(socket: WatchedSocket): Mark {
    if (isGone.has(socket)) return '-'
    if (number === 1 || socket.changedAt < number) return ' '
    return socket.openedAt === number ? '+' : '~'
  }
}

/** Most sockets never changed: they stay behind the others, in the order of the source. */
function latestFirst(
  sockets: readonly WatchedSocket[],
  number: number,
  isGone: ReadonlySet<WatchedSocket>,
): readonly WatchedSocket[] {
  const rank = (one: WatchedSocket): number => (isGone.has(one) ? number : one.changedAt)
  const changed = sockets.filter(one => rank(one) > 1).sort((a, b) => rank(b) - rank(a))
  if (changed.length === 0) return sockets
  return [...changed, ...sockets.filter(one => rank(one) <= 1)]
}
