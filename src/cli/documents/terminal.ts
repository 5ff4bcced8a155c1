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

/** Writes sections for a terminal: bold headings, indented bodies, terms and texts in two columns. */
export function writeForTerminal(sections: readonly Section[], page: Page): string {
  return sections.map(section => writeSection(section, page)).join('\n')
}

function writeSection({ title, body }: Section, { width, paint }: Page): string {
  const blocks = body.map(block => writeBlock(block, width - INDENT.length))
  const lines = blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block]))
  return `${[paint.strong(title), ...lines.map(line => (INDENT + line).trimEnd())].join('\n')}\n`
}

function writeBlock(block: Block, width: number): readonly string[] {
  return typeof block === 'string' ? prose(block, width) : columns(block, width)
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

/** Two columns. A term too wide for its column stands on a line of its own. */
function columns(rows: readonly Row[], width: number): readonly string[] {
  const widest = Math.floor(width * 0.6)
  const fitting = rows.map(([term]) => alignOption(term).length).filter(length => length <= widest)
  const termWidth = Math.max(8, ...fitting)
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

/** Breaks text into lines of at most `width`; a word that is wider stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
