import { textWidth } from '../../terminal-text.ts'
import { nextSteps, type Step } from './next-steps.ts'
import { cutToRoom } from './table.ts'
import type { ViewPaint } from './types.ts'

/** A report in words: safe to print, not yet laid out. */
export interface ReportWords {
  /** The sentence that answers. */
  readonly answer: string
  /** Good: nothing stands in the way. Bad: something is wrong. */
  readonly tone: 'plain' | 'good' | 'bad'
  readonly facts: readonly Fact[]
  /** What to type next; the last one is the most likely. */
  readonly next: readonly Step[]
}

export interface Fact {
  /** What it is about, in a word; the name of a process in lists of several. */
  readonly label: string
  readonly text: string
  /** Worth a look. */
  readonly isWarning?: boolean
}

export interface ReportPage {
  /** Undefined: no terminal, so that nothing is wrapped or cut. */
  readonly width: number | undefined
  readonly paint: ViewPaint
}

/**
 * Lays a report out: the answer first, then what it rests on, and last the next command to type, on a
 * line of its own that can be copied.
 */
export function reportView(
  { answer, tone, facts, next }: ReportWords,
  { width, paint }: ReportPage,
): string {
  const color = { plain: paint.strong, good: paint.good, bad: paint.bad }[tone]
  const lines = wrapped(answer, width).map(color)
  const labelWidth = Math.max(0, ...facts.map(({ label }) => textWidth(label)))
  if (facts.length > 0) lines.push('')
  for (const { label, text, isWarning } of facts) {
    const margin = MARGIN.length + labelWidth + GAP.length
    const rows = limited(wrapped(text, width === undefined ? undefined : width - margin), width)
    rows.forEach((row, i) => {
      const start = i === 0 ? padded(label, labelWidth) : ' '.repeat(labelWidth)
      lines.push(`${MARGIN}${paint.dim(start)}${GAP}${isWarning ? paint.warn(row) : row}`)
    })
  }
  return [...lines.map(line => `${line}\n`), ...nextSteps(next, paint)].join('')
}

const MARGIN = '  '
const GAP = '  '

/** A command line may be longer than a screen. */
const MOST_ROWS = 4
/** Narrower columns of text are no help. */
const LEAST_WIDTH = 24

function limited(rows: readonly string[], width: number | undefined): readonly string[] {
  if (width === undefined || rows.length <= MOST_ROWS) return rows
  return [...rows.slice(0, MOST_ROWS - 1), `${rows[MOST_ROWS - 1]} …`]
}

/** Breaks a text at blanks into lines that fit; a word that is too long is cut. */
function wrapped(text: string, width: number | undefined): string[] {
  if (width === undefined || textWidth(text) <= width) return [text]
  const room = Math.max(width, LEAST_WIDTH)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (textWidth(longer) <= room) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = cutToRoom(word, room)
  }
  return line === '' ? lines : [...lines, line]
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}
