import { SockctlError, usageError } from '../../errors.ts'
import { terminalText, textWidth } from '../../terminal-text.ts'

/** A part of an expression as it was typed. */
export interface Place {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** How much of a long expression is shown on either side of the place. */
const MOST_BEFORE = 48
const MOST_AFTER = 24
const MOST_MARKED = 40

/**
 * Makes the error for an expression that cannot be read: what is wrong, the expression, and below it
 * where. Widths are those on a terminal.
 */
export function complaint(message: string, place: Place, ...hints: string[]): SockctlError {
  return usageError(message, ...pointer(place), ...hints)
}

/** Runs what reads a part of an expression, and points at that part when it fails. */
export function pointingAt<T>(place: Place, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof SockctlError) || error.code !== 'ERR_USAGE') throw error
    throw complaint(error.message, place, ...error.hints)
  }
}

/** The expression on a line, and carets under the place on the next. */
function pointer({ text, start, end }: Place): [string, string] {
  const from = Math.max(0, start - MOST_BEFORE)
  const to = Math.min(end, start + MOST_MARKED)
  const before = `${from > 0 ? '…' : ''}${shown(text.slice(from, start))}`
  const marked = shown(text.slice(start, to))
  const rest = text.slice(to, to + MOST_AFTER)
  const after = `${shown(rest)}${to + MOST_AFTER < text.length ? '…' : ''}`
  const carets = '^'.repeat(Math.max(1, textWidth(marked)))
  return [`${before}${marked}${after}`.trimEnd(), `${' '.repeat(textWidth(before))}${carets}`]
}

/** Line breaks of a file are blanks to the language; the rest is made visible. */
function shown(text: string): string {
  return terminalText(text.replaceAll(/[\t\r\n]/g, ' '))
}
