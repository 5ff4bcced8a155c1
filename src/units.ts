import { usageError } from './errors.ts'

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const SIZE_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
}

/** setTimeout(3) of Node takes at most this many milliseconds (about 24.8 days). */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Reads a time as milliseconds: `500ms`, `2s`, `1.5m`, `1h`, `1d`. A bare number is seconds, as in nc.
 *
 * @throws ERR_USAGE
 */
export function parseDuration(text: string): number {
  const ms = parseQuantity(text, DURATION_MS, 's')
  if (ms === undefined) throw usageError(`not a time: "${text}"`, 'Write 500ms, 2s, 1.5m or 1h.')
  if (ms > LONGEST_TIMER_MS) throw usageError(`too long a time: "${text}" (24 days at most)`)
  return Math.round(ms)
}

/**
 * Reads a size as bytes: `512`, `64k`, `64KiB`, `10MB`, `1GiB`. A lone k, m or g counts in 1024s.
 *
 * @throws ERR_USAGE
 */
export function parseSize(text: string): number {
  const bytes = parseQuantity(text, SIZE_BYTES, 'b')
  if (bytes === undefined) throw usageError(`not a size: "${text}"`, 'Write 512, 64KiB or 10MB.')
  return Math.round(bytes)
}

/**
 * Reads a rate as bytes per second: `64KiB/s`, `1M/s`, `64k`.
 *
 * @throws ERR_USAGE
 */
export function parseRate(text: string): number {
  const bytesPerSecond = parseQuantity(text.replace(/\/s$/i, ''), SIZE_BYTES, 'b')
  if (bytesPerSecond === undefined || bytesPerSecond < 1) {
    throw usageError(`not a rate: "${text}"`, 'Write 64KiB/s or 1MB/s.')
  }
  return Math.round(bytesPerSecond)
}

/** So many times in a span. */
export interface Frequency {
  readonly count: number
  readonly perMs: number
}

/**
 * Reads how often something may happen: `10/s`, `100/m`, `5/10s`.
 *
 * @throws ERR_USAGE
 */
export function parseFrequency(text: string): Frequency {
  const [, times = '', span = ''] = /^(\d+)\/(\d*[a-z]+)$/i.exec(text) ?? []
  const count = Number(times)
  const perMs = parseQuantity(/^\d/.test(span) ? span : `1${span}`, DURATION_MS, 's')
  if (!Number.isSafeInteger(count) || count === 0 || perMs === undefined || perMs === 0) {
    throw usageError(`not a number per time: "${text}"`, 'Write 10/s, 100/m or 5/10s.')
  }
  return { count, perMs }
}

/**
 * Reads a whole number of 0 or more.
 *
 * @throws ERR_USAGE
 */
export function parseCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw usageError(`not a whole number: "${text}"`)
  }
  return count
}

function parseQuantity(
  text: string,
  units: Readonly<Record<string, number>>,
  bareUnit: string,
): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text)
  const factor = units[(match?.[2] || bareUnit).toLowerCase()]
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor
}

/** Writes a time for people: `0.4 ms`, `350 ms`, `2.1 s`, `3 m 20 s`, `2 h 10 m`, `4 d 2 h`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} m ${Math.floor((ms % 60_000) / 1000)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${minutes % 60} m`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** Writes a number of bytes for people: `0 B`, `812 B`, `1.5 KiB`, `256 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || Number.isInteger(value) || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** Writes a number rounded, with its thousands apart: `27,904`. */
export function formatNumber(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Writes how many there are of something: `0 replies`, `1 reply`, `2 replies`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
