import { terminalText, textWidth } from '../../terminal-text.ts'
import {
  type BlindRule,
  type Finding,
  SEVERITIES,
  type Severity,
  type Situation,
} from '../rules/types.ts'
import { counted } from '../rules/words.ts'
import { nextSteps, type Step } from './next-steps.ts'
import type { ViewPaint } from './types.ts'

/** What was looked at, and what of it is to be shown. */
export interface Diagnosis {
  readonly situation: Situation
  /** The worst first. */
  readonly findings: readonly Finding[]
  /** The rules that could not see who holds what was asked for. */
  readonly blind: readonly BlindRule[]
  /** How many more there are of which something else than these was asked for. Mostly 0. */
  readonly elsewhere: number
}

export interface FindingsOptions {
  readonly paint: ViewPaint
  /** Columns of the terminal. Undefined: there is none, nothing is wrapped. */
  readonly width?: number | undefined
}

/** Prose is hard to read in wider lines. */
const WIDEST = 100

/** More findings of one rule are the same thing over and over. */
const MOST_OF_ONE_RULE = 8

/**
 * Writes findings for people: each in a sentence, with its evidence, what it means and what to do,
 * the worst first; then how many there are, and what to type first. What a rule means is said once.
 */
export function* findingsView(diagnosis: Diagnosis, options: FindingsOptions): Generator<string> {
  const { findings } = diagnosis
  const page = { ...options, width: options.width && Math.min(options.width, WIDEST) }
  const shown = new Map<string, number>()
  for (const finding of findings) {
    const before = shown.get(finding.id) ?? 0
    shown.set(finding.id, before + 1)
    if (before >= MOST_OF_ONE_RULE) continue
    yield* findingText(finding, { ...page, isFirst: before === 0 })
    yield '\n'
  }
  for (const [id, count] of shown) {
    if (count <= MOST_OF_ONE_RULE) continue
    yield `${terminalText(`and ${count - MOST_OF_ONE_RULE} more of ${id}: --json has them all`)}\n\n`
  }
  yield* lines(headline(diagnosis), '', page)
  if (findings.length > 0) yield* nextSteps([firstStep(findings)], page.paint)
}

/** What is told to be done for the worst that a command can do something about. */
function firstStep(findings: readonly Finding[]): Step {
  for (const { advice } of findings) {
    const command = advice.find(one => one.command !== undefined)?.command
    if (command !== undefined) return { what: 'Type first', command }
  }
  return { what: 'What they mean', command: 'sockctl help findings' }
}

/** `2 problems, 1 warning; 4,211 sockets looked at`, or that nothing looks wrong. */
export function headline({ findings, elsewhere, situation }: Diagnosis): string {
  const counts = SEVERITIES.map(severity => ({
    severity,
    count: findings.filter(one => one.severity === severity).length,
  })).filter(({ count }) => count > 0)
  const looks = situation.earlier === undefined ? '' : ' twice'
  const seen = `${counted(situation.snapshot.records.length, 'socket')} looked at${looks}`
  const more = elsewhere === 0 ? '' : `; ${counted(elsewhere, 'finding')} elsewhere`
  if (counts.length === 0) {
    return elsewhere === 0
      ? `nothing looks wrong: ${seen}`
      : `nothing looks wrong with what was asked for: ${seen}${more}`
  }
  const text = counts.map(({ severity, count }) => counted(count, severity)).join(', ')
  return `${text}; ${seen}${more}`
}

interface Page extends FindingsOptions {
  /** Whether it is the first of its rule. */
  readonly isFirst: boolean
}

function* findingText(finding: Finding, page: Page): Generator<string> {
  const { id, severity, summary, evidence, explanation, advice } = finding
  const { paint } = page
  // What is coloured must not be counted, so the first words are put in front of the wrapped text.
  const head = `${severity}: `
  const [first = '', ...more] = wrap(`${head}${summary}`, page.width, 2)
  yield `${paintSeverity(severity, paint)(head.trimEnd())}${first.slice(head.length - 1)}\n`
  for (const line of more) yield `  ${line}\n`
  for (const fact of evidence) yield* lines(fact, '    ', page)
  if (page.isFirst) {
    yield '\n'
    yield* lines(explanation, '  ', page)
  }
  yield `  ${paint.dim(`(${id})`)}\n\n`
  for (const { text, command } of advice) {
    yield* lines(text, '  ', page)
    if (command !== undefined) yield `    ${paint.strong(terminalText(command))}\n`
  }
}

function paintSeverity(severity: Severity, paint: ViewPaint): (text: string) => string {
  switch (severity) {
    case 'problem':
      return paint.bad
    case 'warning':
      return paint.warn
    case 'note':
      return paint.strong
  }
}

function* lines(text: string, indent: string, { width }: FindingsOptions): Generator<string> {
  for (const line of wrap(text, width, indent.length)) yield `${indent}${line}\n`
}

/** Breaks text into lines that fit behind an indent; a word that is wider stands alone. */
function wrap(text: string, width: number | undefined, indent: number): string[] {
  const safe = terminalText(text)
  if (width === undefined) return [safe]
  const done: string[] = []
  let line = ''
  for (const word of safe.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width - indent) {
      done.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...done, line]
}
