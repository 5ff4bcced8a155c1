import { textWidth } from '../../terminal-text.ts'

/** A text that takes no more than this many columns of a terminal: a longer one ends in an `…`. */
export function cutTo(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const character of text) {
    width += textWidth(character)
    if (width >= columns) break
    kept += character
  }
  return columns < 1 ? '' : `${kept}…`
}

/** A text that takes just this many columns. */
export function padTo(text: string, columns: number, align?: 'right'): string {
  const cut = cutTo(text, columns)
  const blanks = ' '.repeat(Math.max(0, columns - textWidth(cut)))
  return align === 'right' ? blanks + cut : cut + blanks
}
