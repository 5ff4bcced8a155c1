import { usageError } from '../../errors.ts'
import { parseSize } from '../../units.ts'
import { parseInteger } from './port-value.ts'

/**
 * Reads whole numbers: `1234`, `1,2,3`.
 *
 * @throws ERR_USAGE
 */
export function parseCounts(text: string): number[] {
  return listOf(text, part => {
    if (!/^\d{1,15}$/.test(part)) throw usageError(`"${part}" is not a whole number`)
    return Number(part)
  })
}

/**
 * Reads sizes as bytes: `0`, `512`, `64KiB`.
 *
 * @throws ERR_USAGE
 */
export function parseSizes(text: string): number[] {
  return listOf(text, parseSize)
}

const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1000, s: 1_000_000 }

/**
 * Reads times as microseconds: `500us`, `10ms`, `1.5s`. Only 0 needs no unit.
 *
 * @throws ERR_USAGE
 */
export function parseTimes(text: string): number[] {
  return listOf(text, part => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([uµ]s|m?s)?$/.exec(part) ?? []
    const factor = MICROSECONDS[unit] ?? (Number(amount) === 0 ? 1 : undefined)
    if (amount === undefined || factor === undefined) {
      const what = amount === undefined ? 'is not a time' : 'is a time without a unit'
      throw usageError(`"${part}" ${what}`, 'Write 500us, 10ms or 1.5s.')
    }
    return Math.round(Number(amount) * factor)
  })
}

/**
 * Reads a mark with its mask: `0x10/0xf0`. Without one every bit counts.
 *
 * @throws ERR_USAGE
 */
export function parseMark(text: string): { readonly value: number; readonly mask: number } {
  const [first = '', second] = text.split(/\/(.*)/s)
  const value = parseInteger(first)
  const mask = second === undefined ? EVERY_BIT : parseInteger(second)
  if (value === undefined || mask === undefined || value > EVERY_BIT || mask > EVERY_BIT) {
    throw usageError(`"${text}" is not a mark`, 'Write 16, 0x10 or 0x10/0xf0.')
  }
  return { value, mask }
}

const EVERY_BIT = 0xffffffff

function listOf<T>(text: string, parse: (part: string) => T): T[] {
  return text.split(',').map(parse)
}
