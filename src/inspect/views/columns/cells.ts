import { formatBytes, formatDuration } from '../../../units.ts'
import type { SocketRecord } from '../../types.ts'
import { oneWord } from '../end-words.ts'
import type { Column, ListFacts } from './types.ts'

/** Where there is nothing to say. */
export const NONE = '-'

/** A number that the source does not know. */
export const UNKNOWN = '?'

/** What a column says of a socket in a table. */
export function cellOf(column: Column, record: SocketRecord, facts: ListFacts): string {
  if (column.cell !== undefined) return column.cell(record, facts)
  const value = column.value(record, facts)
  return value === undefined ? NONE : valueText(value)
}

/** Writes a number of bytes without a blank, so that a row can be split at blanks: `1.5KiB`. */
export function bytesCell(bytes: number | undefined): string {
  return bytes === undefined ? NONE : formatBytes(bytes).replace(' ', '')
}

/** Writes a rate without a blank: `12.4MiB/s`. */
export function rateCell(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? NONE : `${bytesCell(bytesPerSecond)}/s`
}

/** Writes a time without a blank: `59.1s`, `3m20s`. */
export function durationCell(ms: number | undefined): string {
  return ms === undefined ? NONE : formatDuration(ms).replaceAll(' ', '')
}

/** Writes a short time without a blank, as exactly as it matters: `35us`, `1.2ms`, `230ms`. */
export function microsecondsCell(us: number | undefined): string {
  if (us === undefined) return NONE
  return us < 1000 ? `${us}us` : durationCell(us / 1000)
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? NONE : value.map(valueText).join(',')
  if (typeof value !== 'object' || value === null) return oneWord(String(value))
  return Object.entries(value)
    .map(([key, one]) => `${oneWord(key)}:${valueText(one)}`)
    .join(',')
}
