import { splitProse } from './prose.ts'
import type { Block, Row, Section } from './types.ts'

/** A page of the manual, as sections. */
export interface ManPage {
  /** `sockctl-serve` */
  readonly name: string
  /** 1: commands. 7: conventions. See man(1). */
  readonly section: 1 | 7
  /** What stands after the dash of NAME: lower case, no full stop. */
  readonly summary: string
  readonly sections: readonly ManSection[]
}

/** A section of a man page may have sections of its own. */
export interface ManSection extends Section {
  readonly below?: readonly Section[]
}

/**
 * Writes a page in the macros of man(7). It carries no date and no version, so that it changes only
 * when the command does.
 */
export function writeManPage({ name, section, summary, sections }: ManPage): string {
  const lines = [
    `.\\" Made from the definitions in src/cli by: npm run documents`,
    `.TH ${quoted(name.toUpperCase())} ${section} "" "sockctl" "sockctl manual"`,
    // No hyphenation and no justification: flags and paths stay as they are typed.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escapeText(name)} \\- ${escapeText(summary)}`,
    ...sections.flatMap(writeSection),
  ]
  return `${lines.join('\n')}\n`
}

function writeSection({ title, body, below = [] }: ManSection): readonly string[] {
  return [
    `.SH ${quoted(title.toUpperCase())}`,
    ...body.flatMap(writeBlock),
    ...below.flatMap(one => [`.SS ${quoted(one.title)}`, ...one.body.flatMap(writeBlock)]),
  ]
}

function writeBlock(block: Block): readonly string[] {
  if (typeof block !== 'string') return block.flatMap(writeRow)
  return splitProse(block).flatMap(piece =>
    piece.kind === 'paragraph'
      ? ['.PP', ...sentences(piece.text)]
      : ['.PP', '.EX', ...piece.lines.map(escapeLine), '.EE'],
  )
}

function writeRow([term, text]: Row): readonly string[] {
  if (text === '') return ['.PP', styleTerm(term)]
  return ['.TP', styleTerm(term), ...sentences(text)]
}

/** One sentence a line, as man-pages(7) asks: a change shows up where it is. */
function sentences(text: string): readonly string[] {
  return text.split(/(?<=[.?!]) (?=[A-Z])/).map(escapeLine)
}

/** A term: flags and literal words in bold, `<placeholders>` and `[optional]` ones in italics. */
function styleTerm(term: string): string {
  const parts = term.split(/(<[^>]+>|\[[^\]]+\])/).filter(part => part !== '')
  return parts.map(stylePart).join('')
}

function stylePart(part: string): string {
  const inner = escapeText(part.slice(1, -1))
  // Braces say where a choice ends, as the brackets did.
  if (/^<.* \| .*>$/.test(part)) return `{\\fI${inner}\\fR}`
  if (part.startsWith('<')) return `\\fI${inner}\\fR`
  if (part.startsWith('[')) return `[\\fI${inner}\\fR]`
  return `\\fB${escapeText(part)}\\fR`
}

/** A line of text. A dot or an apostrophe at its start would be a request of roff(7). */
function escapeLine(line: string): string {
  const escaped = escapeText(line)
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped
}

/** What roff(7) would take for its own, or would print as something that cannot be typed again. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

function escapeText(text: string): string {
  return text
    .replace(/[\\\-'`^~]/g, character => ESCAPES[character] ?? character)
    .replace(/[^\x20-\x7e]/gu, unicode)
}

function unicode(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return `\\[u${point.toString(16).toUpperCase().padStart(4, '0')}]`
}

/** An argument of a macro. */
function quoted(text: string): string {
  return `"${escapeText(text).replaceAll('"', '\\(dq')}"`
}
