import { terminalText } from '../terminal-text.ts'

/** What is known of a conversation, behind a line about it: two blanks and `tls 1.3, user alice`. */
export function factsText(facts: Readonly<Record<string, string>>): string {
  const texts = Object.entries(facts).map(([name, value]) => `${name} ${value}`)
  return texts.length === 0 ? '' : `  ${terminalText(texts.join(', '))}`
}
