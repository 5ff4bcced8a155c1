import textWidth from 'fast-string-width'

const INDENT = '       '
const SEPARATOR = ' · '

/**
 * Writes facts below a row, indented, as many in a line as there is room for. Nothing for no facts. A
 * fact that is too long for a line of its own is left to the terminal.
 */
export function factLines(facts: readonly string[], width: number): string {
  let text = ''
  let used = 0
  for (const fact of facts) {
    const wide = textWidth(fact)
    if (used > 0 && used + SEPARATOR.length + wide <= width) {
      text += SEPARATOR + fact
      used += SEPARATOR.length + wide
    } else {
      text += (used > 0 ? '\n' : '') + INDENT + fact
      used = INDENT.length + wide
    }
  }
  return text === '' ? '' : `${text}\n`
}
