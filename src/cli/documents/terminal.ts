import type { Paint } from '../color.ts'
import { splitProse } from './prose.ts'
import type { Block, Row, Section } from './types.ts'

/** What help is written for: a terminal of 80 columns, or the narrower one that is there. */
export interface Page {
  readonly width: number
  readonly paint: Paint
}

const INDENT = '  '
/** Between a term and its text. */
const GAP = '  '
const NARROWEST_TERM = 8
/** A term may take this much of the line; an option this many columns. */
const WIDEST_TERM = 0.6
const WIDEST_OPTION = 32

/** Writes sections for a terminal: bold headings, indented bodies, terms and texts in two columns. */
export function writeForTerminal(sections: readonly Section[], page: Page): string {
  const blocks = sections.flatMap(section => section.body)
  const optionWidth = termWidthOf(blocks.filter(isOptions).flat(), WIDEST_OPTION)
  const width = page.width - INDENT.length
  const write = (block: Block): readonly string[] => {
    if (typeof block === 'string') return prose(block, width)
    const termWidth = isOptions(block)
      ? optionWidth
      : termWidthOf(block, Math.floor(width * WIDEST_TERM))
    return columns(block, { width, termWidth })
  }
  return sections.map(section => writeSection(section, page.paint, write)).join('\n')
}

function writeSection(
  { title, body }: Section,
  paint: Paint,
  write: (block: Block) => readonly string[],
): string {
  const lines = body.map(write).flatMap((block, index) => (index === 0 ? block : ['', ...block]))
  return `${[paint.strong(title), ...lines.map(line => (INDENT + line).trimEnd())].join('\n')}\n`
}

/** The texts of all options of a page stand below each other, whatever their group. */
function isOptions(block: Block): block is readonly Row[] {
  return typeof block !== 'string' && block[0]?.[0].startsWith('-') === true
}

function prose(text: string, width: number): readonly string[] {
  return splitProse(text).flatMap((piece, index) => {
    const lines =
      piece.kind === 'paragraph'
        ? wrap(piece.text, width)
        : piece.lines.map(line => `${INDENT}${line}`)
    return index === 0 ? lines : ['', ...lines]
  })
}

/** The width that holds all terms but those that are too wide for a column. */
function termWidthOf(rows: readonly Row[], widest: number): number {
  const lengths = rows.map(([term]) => alignOption(term).length)
  return Math.max(NARROWEST_TERM, ...lengths.filter(length => length <= widest))
}

/** Two columns. A term too wide for its column stands on a line of its own. */
function columns(
  rows: readonly Row[],
  { width, termWidth }: { readonly width: number; readonly termWidth: number },
): readonly string[] {
  const indent = ' '.repeat(termWidth) + GAP
  return rows.flatMap(([plain, text]) => {
    const term = alignOption(plain)
    if (text === '') return [term]
    const [first = '', ...more] = wrap(text, width - indent.length)
    const head =
      term.length > termWidth ? [term, indent + first] : [term.padEnd(termWidth) + GAP + first]
    return [...head, ...more.map(line => indent + line)]
  })
}

/** Options without a short form stand below the long form of those that have one. */
function alignOption(term: string): string {
  return term.startsWith('--') ? `    ${term}` : term
}

/**
 * Breaks text into lines of at most `width`; a word that is wider stands alone. What stands in
 * square brackets, such as a default, stays together.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ (?![^[]*\])/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
