import { textWidth } from '../../terminal-text.ts'

/** What stands below a row begins below its second column. */
export const INDENT = '       '

const SEPARATOR = ' · '

/**
 * Writes facts below a row, as many in a line as there is room for. Nothing for no facts. A fact that
 * is too long for a line of its own is left to the terminal.
 *
 * @param options the width of the terminal, and what colours a line
 */
export function factLines(
  facts: readonly string[],
  { width, paint }: { readonly width: number; paint(text: string): string },
): string {
  const lines: string[] = []
  let line = ''
  for (const fact of facts) {
    const longer = line === '' ? fact : line + SEPARATOR + fact
    if (line !== '' && INDENT.length + textWidth(longer) > width) {
      lines.push(line)
      line = fact
    } else {
      line = longer
    }
  }
  if (line !== '') lines.push(line)
  return lines.map(one => `${INDENT}${paint(one)}\n`).join('')
}
