import { usageError } from '../errors.ts'

/**
 * Splits a command line into words as a shell does, without one: blanks separate, 'single' and
 * "double" quotes keep blanks, a backslash keeps the next character. Nothing is expanded.
 *
 * @throws ERR_USAGE on an empty line or a quote that never ends
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? ''
    if (character === '\\' && quote !== "'" && i + 1 < line.length) {
      word = (word ?? '') + line[++i]
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined
      else word += character
    } else if (character === "'" || character === '"') {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + character
    }
  }
  if (quote !== undefined) throw usageError(`a ${quote} never ends in: ${line}`)
  if (word !== undefined) words.push(word)
  if (words.length === 0) throw usageError('the command is empty')
  return words
}
