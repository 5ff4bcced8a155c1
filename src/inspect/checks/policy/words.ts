import type { SockctlError } from '../../../errors.ts'
import { complaint, type Place } from '../../select/complaint.ts'
import type { Name } from './types.ts'

/** A word of a line with where it stands. */
export interface Word extends Place {
  readonly word: string
}

/** A piece of a line: a text in quotes as JSON has them, or what lies between two blanks. */
const PIECE = /(?:"(?:[^"\\]|\\.)*"|[^\s"])+/gy

/** Makes the error for a line that cannot be read: it begins with the column, from 1. */
export function fault(message: string, place: Place, ...hints: string[]): SockctlError {
  return complaint(`${place.start + 1}: ${message}`, place, ...hints)
}

/**
 * Divides a line into words. `#` at the beginning of one begins a comment; blanks and commas in
 * quotes do not divide.
 *
 * @throws ERR_USAGE for a quote that is not closed
 */
export function wordsOf(line: string): Word[] {
  const words: Word[] = []
  for (let at = skipBlanks(line, 0); at < line.length; at = skipBlanks(line, at)) {
    if (line[at] === '#') break
    PIECE.lastIndex = at
    const word = PIECE.exec(line)?.[0] ?? ''
    const end = at + word.length
    if (line[end] === '"') {
      throw fault('a quote is not closed', { text: line, start: end, end: line.length })
    }
    words.push({ text: line, start: at, end, word })
    at = end
  }
  return words
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (at < line.length && /\s/.test(line.charAt(at))) at++
  return at
}

/**
 * Reads names that stand between commas: patterns, or in quotes texts that mean themselves.
 *
 * @throws ERR_USAGE
 */
export function namesOf({ word, text, start }: Word): Name[] {
  const names: Name[] = []
  const part = /"(?:[^"\\]|\\.)*"|[^",]*/y
  for (let at = 0; at <= word.length; at++) {
    part.lastIndex = at
    const [raw = ''] = part.exec(word) ?? []
    const place = { text, start: start + at, end: start + at + Math.max(1, raw.length) }
    names.push(nameOf(raw, place))
    at += raw.length
    if (at < word.length && word[at] !== ',') {
      const rest = { text, start: start + at, end: start + word.length }
      throw fault('quotes stand around a whole name', rest, 'Write "my app", not my" app".')
    }
  }
  return names
}

function nameOf(raw: string, place: Place): Name {
  if (raw === '') throw fault('a name is missing', place)
  if (!raw.startsWith('"')) return { text: raw, isLiteral: false }
  try {
    return { text: String(JSON.parse(raw)), isLiteral: true }
  } catch {
    throw fault('in quotes stands what JSON allows', place, 'Write \\n, \\" and \\u001b.')
  }
}

/** Writes a name so that it is read as itself. */
export function quoted(text: string): string {
  return BARE.test(text) ? text : JSON.stringify(text)
}

/** Neither a pattern, nor two words, nor something else: `#`, `user=`. */
const BARE = /^[A-Za-z0-9_@/.][\w./@:+-]*$/
