import type { Detail, SocketRecord } from '../../types.ts'
import type { SocketList, ViewPaint } from '../types.ts'

/** What a column needs to know of the sockets beside the sockets themselves. */
export type ListFacts = Omit<SocketList, 'records'>

/**
 * One fact about a socket, for every way in which it is shown: a column of the table and of the CSV,
 * a key of the JSON, an order. Columns stand in a file of this folder, and in `index.ts`.
 */
export interface Column {
  /** Its name in `--columns`, in the JSON and in the CSV: camelCase, ending in its unit. */
  readonly key: string
  /** Its name above a table; `--columns` takes that too. */
  readonly heading: string
  /** What its value is in JSON. */
  readonly type: 'string' | 'number' | 'boolean' | 'object' | 'array'
  /** What it says, in one line. No full stop. */
  readonly text: string
  /** Where it stands without being named. Undefined: nowhere. */
  readonly standsIn?: 'json' | 'csv' | 'json and csv'
  readonly needs?: ColumnNeeds
  /** Numbers stand right, under each other. */
  readonly align?: 'right'
  /** Whether it may lose its end on a terminal that is too narrow, where it stands last. */
  readonly mayBeCut?: boolean
  /** As in the JSON. Undefined: not known, or there is none. */
  value(record: SocketRecord, facts: ListFacts): unknown
  /** For the table: safe to print, and one line. Undefined: the value, or `-` where there is none. */
  readonly cell?: (record: SocketRecord, facts: ListFacts) => string
  /** How many columns of a terminal a cell takes, where that is not one for each letter. */
  readonly widthOf?: (text: string, record: SocketRecord) => number
  /** Colours a cell; the text comes with its padding. */
  readonly paint?: (text: string, record: SocketRecord, paint: ViewPaint) => string
  /** What it is sorted by. Undefined: the value if it is a number, the cell if it is not. */
  readonly sortBy?: (record: SocketRecord, facts: ListFacts) => number | string | undefined
}

/** What has to be asked for to fill a column. */
export interface ColumnNeeds {
  readonly details?: readonly Detail[]
  readonly owners?: true
  /** What their holders run, and where. */
  readonly processes?: true
  /** The other end of connections within this machine, and who holds it. */
  readonly peers?: true
}
