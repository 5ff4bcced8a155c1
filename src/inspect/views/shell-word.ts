import { terminalText } from '../../terminal-text.ts'

/** Quotes a word for sh(1), when it needs that; what a terminal would act on is escaped. */
export function shellWord(word: string): string {
  const shown = terminalText(word)
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}
