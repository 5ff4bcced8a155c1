import { closestWord } from '../../terminal-text.ts'
import type { Family } from '../ends.ts'
import { formatTarget, hostOf, parseTarget, type Target } from '../explain/target.ts'
import { splitZone } from '../literal-host.ts'
import { shellWord } from '../views/shell-word.ts'
import { parseBlock } from './address-block.ts'
import { complaint, type Place } from './complaint.ts'
import { allOf, anyOf, type Expression, negated } from './expression.ts'
import { FIELD_NAMES, fieldNamed } from './fields.ts'
import { type Joint, Lexer } from './lexer.ts'
import type { PortOfService } from './ports.ts'
import { parseStateWords } from './state-words.ts'
import { isStateWord } from './states.ts'
import { parseBarePorts, parseTest } from './test-parser.ts'

export interface ParserOptions {
  readonly portOfService: PortOfService
  /** The family of values that name none: the last of -4, -6 and -x. It restricts as if they did. */
  readonly family?: Family | undefined
}

/** What somebody typed, understood. */
export interface ParsedFilter {
  /** Undefined: nothing was asked for, so that every socket is right. */
  readonly expression: Expression | undefined
  /** States were named: no others are left out beforehand. */
  readonly namesStates: boolean
  /** As in ss(8), a family in a value restricts the listing to it; the last one counts. */
  readonly family: Family | undefined
  /** "and" stands behind "or" without brackets: read from left to right, unlike elsewhere. */
  readonly isMixed: boolean
}

/**
 * Reads an expression in the filter language of ss(8), or in what goes beyond it:
 * `sockctl help filters`.
 *
 *     filter := states? list?             state listen sport = :80
 *     list   := item ((and | or)? item)*  from left to right, "and" and "or" alike
 *     item   := ( list ) | not item | test
 *
 * @throws ERR_USAGE, with the place
 */
export function parseFilter(text: string, options: ParserOptions): ParsedFilter {
  const lexer = new Lexer(text)
  const reading: Reading = {
    lexer,
    portOfService: options.portOfService,
    preferred: options.family,
    restriction: undefined,
    namesStates: false,
    isMixed: false,
    depth: 0,
    switches: 0,
  }
  const states = parseStateWords(reading)
  const joint = lexer.peekJoint()
  const isOperand = joint === 'and' || joint === 'or'
  const rest = lexer.isAtEnd ? undefined : parseList(reading, isOperand ? states : undefined)
  if (lexer.peekJoint() === ')') throw complaint('this bracket closes nothing', nextJoint(lexer))
  return {
    expression: isOperand ? rest : allOf([states, rest]),
    namesStates: reading.namesStates,
    family: reading.restriction,
    isMixed: reading.isMixed,
  }
}

/** What the parts of the parser share while they read one expression. */
export interface Reading {
  readonly lexer: Lexer
  readonly portOfService: PortOfService
  preferred: Family | undefined
  restriction: Family | undefined
  namesStates: boolean
  isMixed: boolean
  /** Brackets that are open. */
  depth: number
  /** Changes between "and" and "or". */
  switches: number
}

const DEEPEST = 200

/** @param first what stands before the list and is its first item */
function parseList(reading: Reading, first?: Expression): Expression {
  const { lexer } = reading
  let left: { readonly isOr: boolean; readonly parts: Expression[] } = {
    isOr: false,
    parts: [first ?? parseItem(reading)],
  }
  let hasOr = false
  for (;;) {
    const joint = lexer.peekJoint()
    if (joint === ')' || lexer.isAtEnd) return listOf(left)
    if (joint === 'and' || joint === 'or') lexer.takeJoint()
    const isOr = joint === 'or'
    if (hasOr && !isOr) reading.isMixed = true
    hasOr ||= isOr
    if (isOr !== left.isOr) {
      if (++reading.switches > DEEPEST) throw tooDeep(lexer)
      left = { isOr, parts: [listOf(left)] }
    }
    left.parts.push(parseItem(reading))
  }
}

function listOf({ isOr, parts }: { isOr: boolean; parts: readonly Expression[] }): Expression {
  const list = isOr ? anyOf(parts) : allOf(parts)
  // There is a first item always.
  if (list === undefined) throw new Error('an empty list')
  return list
}

function parseItem(reading: Reading): Expression {
  const { lexer } = reading
  let isNegated = false
  while (lexer.peekJoint() === 'not') {
    lexer.takeJoint()
    isNegated = !isNegated
  }
  const item = parsePlainItem(reading)
  return isNegated ? negated(item) : item
}

function parsePlainItem(reading: Reading): Expression {
  const { lexer } = reading
  const joint = lexer.peekJoint()
  if (joint === '(') return parseBracket(reading)
  if (joint !== undefined || lexer.isAtEnd) throw missingTest(lexer, joint)
  const ports = parseBarePorts(reading)
  if (ports !== undefined) return ports
  const token = lexer.takeWord()
  const field = token.isLiteral ? undefined : fieldNamed(token.word)
  if (field === undefined) throw unknownWord(token.word, token, lexer)
  return parseTest(reading, field, token)
}

function parseBracket(reading: Reading): Expression {
  const { lexer } = reading
  const opening = nextJoint(lexer)
  if (++reading.depth > DEEPEST) throw tooDeep(lexer)
  const list = parseList(reading)
  if (lexer.peekJoint() !== ')') {
    throw complaint('this bracket is never closed', opening)
  }
  lexer.takeJoint()
  reading.depth--
  return list
}

/** Takes a joint, and tells where it stood. */
function nextJoint(lexer: Lexer): Place {
  const { text, start } = lexer.here
  lexer.takeJoint()
  return { text, start, end: start + 1 }
}

function missingTest(lexer: Lexer, joint: Joint | undefined): Error {
  const where =
    joint === undefined ? 'at the end' : joint === ')' ? 'before ")"' : `before "${joint}"`
  return complaint(`something is missing ${where}`, lexer.here, 'For example: sport = :80')
}

function tooDeep(lexer: Lexer): Error {
  return complaint('too many brackets or changes between "and" and "or"', lexer.here)
}

function unknownWord(word: string, token: Place, lexer: Lexer): Error {
  if (word === '') {
    const { text, start } = token
    const place = { text, start, end: start + 1 }
    return complaint(
      `"${text.slice(start, start + 1)}" has nothing before it`,
      place,
      'For example: sport = :80',
    )
  }
  const host = hostOf(word.replace(/^\[(.*)\]$/, '$1'))
  if (host !== undefined) return loneHost(word, host, token)
  const close = word.length > LONGEST_GUESS ? undefined : closestWord(word, WORDS)
  return complaint(
    `"${word}" is neither a port nor a word of the filter language`,
    token,
    ...guess(word, close, lexer),
  )
}

/** An address alone could be asked about in several ways. */
function loneHost(word: string, host: string, token: Place): Error {
  const place = shellWord(formatTarget({ kind: 'port', port: 8080, host }))
  const { address } = splitZone(host)
  return complaint(
    `"${word}" is an address without a port`,
    token,
    `One port there: sockctl inspect ${place}`,
    `What has it here: sockctl inspect src ${address}`,
    `Who is connected to it: sockctl inspect dst ${address}`,
  )
}

const WORDS: readonly string[] = [...FIELD_NAMES, 'and', 'or', 'not']

/** What is longer is none of them with a slip in it. */
const LONGEST_GUESS = 14

/** What was perhaps meant by a word that the language does not have. */
function guess(word: string, close: string | undefined, lexer: Lexer): string[] {
  const isLast = lexer.isAtEnd
  if (close !== undefined && !isLast) return [`Did you mean ${close}?`]
  const test = isStateWord(word) ? `state = ${word}` : testFor(word)
  return [
    ...(close === undefined ? [] : [`Did you mean ${close}?`]),
    ...(test === undefined ? [] : [`Perhaps: sockctl inspect ${test}`]),
    'See: sockctl help filters',
  ]
}

/** What asks for that which a word names as a target, or nearly; undefined for what names nothing. */
function testFor(word: string): string | undefined {
  const target = targetOf(word)
  switch (target?.kind) {
    case 'port':
      return `port = ${target.port}`
    case 'process':
      return `pid = ${target.pid}`
    case 'unix':
      return `src ${shellWord(`unix:${target.path}`)}`
    case 'name':
      return `process = ${target.name}`
    case undefined: {
      const port = /^[^:]*:(\d{1,5})$/.exec(word)?.[1]
      if (port !== undefined) return `port = ${port}`
      return parseBlock(word) === undefined ? undefined : `src ${word}`
    }
  }
}

function targetOf(word: string): Target | undefined {
  try {
    return parseTarget(word)
  } catch {
    // It is no target either: that it is no filter has been said.
    return undefined
  }
}
