import type { SocketRecord } from '../types.ts'
import { columnNamed } from './column-choice.ts'
import { cellOf } from './columns/cells.ts'
import type { Column, ListFacts } from './columns/types.ts'

/** What a list is sorted by. */
export interface SortKey {
  readonly column: Column
  readonly descending: boolean
}

/**
 * Reads `--sort`: columns, most important first; a `-` in front turns one round.
 *
 * @throws ERR_USAGE for a column that there is not
 */
export function parseSort(text: string): SortKey[] {
  return text.split(',').map(word => {
    const descending = word.startsWith('-')
    return { column: columnNamed(descending ? word.slice(1) : word), descending }
  })
}

/**
 * Puts records in order: numbers as numbers, addresses as addresses, other text letter by letter.
 * What is not known comes last, whichever way round; equal ones stay in their order.
 */
export function sortRecords(
  records: readonly SocketRecord[],
  keys: readonly SortKey[],
  facts: ListFacts,
): readonly SocketRecord[] {
  if (keys.length === 0) return records
  const rows = records.map(record => ({
    record,
    values: keys.map(({ column }) => sortValue(column, record, facts)),
  }))
  rows.sort((a, b) => {
    for (const [i, { descending }] of keys.entries()) {
      const order = compare(a.values[i], b.values[i], descending)
      if (order !== 0) return order
    }
    return 0
  })
  return rows.map(({ record }) => record)
}

type SortValue = number | string | undefined

function sortValue(column: Column, record: SocketRecord, facts: ListFacts): SortValue {
  if (column.sortBy !== undefined) return column.sortBy(record, facts)
  const value = column.value(record, facts)
  if (value === undefined || typeof value === 'number') return value
  return cellOf(column, record, facts)
}

function compare(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === b) return 0
  if (a === undefined) return 1
  if (b === undefined) return -1
  return a < b === descending ? 1 : -1
}
