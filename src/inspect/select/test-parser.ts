import { usageError } from '../../errors.ts'
import type { SocketState } from '../types.ts'
import { complaint, type Place, pointingAt } from './complaint.ts'
import {
  type Comparison,
  type End,
  type Expression,
  type NumberField,
  negated,
  type TextField,
} from './expression.ts'
import { EXAMPLES, type FieldKind, type FieldName, kindOf, OPERATORS_OF } from './fields.ts'
import { parseHostValue, splitFamily } from './host-value.ts'
import type { Operator, Token } from './lexer.ts'
import type { Reading } from './parser.ts'
import { parsePortValue } from './port-value.ts'
import { looksLikePorts, type PortRange, parsePorts } from './ports.ts'
import { parseCounts, parseMark, parseSizes, parseTimes } from './quantity-value.ts'
import { parseStates } from './states.ts'

/**
 * Reads what follows the word that begins a test: an operator, which may be left out and means `=`
 * then, and a value.
 *
 * @throws ERR_USAGE, with the place
 */
export function parseTest(reading: Reading, field: FieldName, token: Place): Expression {
  const kind = kindOf(field)
  if (kind === 'autobound') return { kind: 'autobound' }
  const { lexer } = reading
  const { text, start } = lexer.here
  const operator = lexer.takeOperator()
  if (operator !== undefined && !OPERATORS_OF[kind].includes(operator)) {
    const place = { text, start, end: start + operator.length }
    const all = OPERATORS_OF[kind].map(one => (one === '~' ? 'has' : one)).join(' ')
    throw complaint(
      `${field} cannot be compared so`,
      place,
      `It can with ${all}, as ${EXAMPLES[field]}.`,
    )
  }
  const value = lexer.takeValue({ isText: isText(kind, reading) })
  if (value === undefined) {
    const place = lexer.isAtEnd ? token : lexer.here
    throw complaint(`${field} needs a value`, place, `For example: ${EXAMPLES[field]}`)
  }
  return pointingAt(value, () =>
    makeTest(reading, { field, kind, operator: operator ?? '=', value }),
  )
}

/**
 * Reads ports that stand alone, as in `8080 8081 and state = listen`: any of them, at either end.
 *
 * @returns undefined when something else stands there
 */
export function parseBarePorts({ lexer, portOfService }: Reading): Expression | undefined {
  const ports: PortRange[] = []
  const takePorts = (): boolean => {
    const token = lexer.takeWord()
    if (!looksLikePorts(token.word)) return false
    ports.push(...pointingAt(token, () => parsePorts(token.word, portOfService)))
    return true
  }
  while (lexer.tryTo(takePorts)) {}
  return ports.length === 0 ? undefined : { kind: 'port', end: 'either', comparison: '=', ports }
}

/** Paths and names may hold any character. */
function isText(kind: FieldKind, { lexer, preferred }: Reading): boolean {
  if (kind === 'host' || kind === 'port') {
    return preferred === 'unix' || /^\s*unix:/.test(lexer.rest)
  }
  return kind === 'text' || kind === 'cgroup'
}

interface Parts {
  readonly field: FieldName
  readonly kind: FieldKind
  readonly operator: Operator
  readonly value: Token
}

function makeTest(reading: Reading, parts: Parts): Expression {
  const { field, operator } = parts
  const isExclusion = field === 'exclude' || field === 'excl'
  const test = makePositiveTest(reading, parts)
  return (operator === '!=') === isExclusion ? test : negated(test)
}

function makePositiveTest(reading: Reading, { field, kind, operator, value }: Parts): Expression {
  const { word } = value
  const comparison: Comparison = operator === '!=' || operator === '~' ? '=' : operator
  switch (kind) {
    case 'host':
    case 'port':
      return makeEndTest(reading, { field, kind, comparison, value })
    case 'state': {
      reading.namesStates = true
      return { kind: 'state', states: new Set<SocketState>(parseStates(word)) }
    }
    case 'device':
      return { kind: 'device', device: word }
    case 'mark':
      return { kind: 'mark', ...parseMark(word) }
    case 'cgroup':
      return { kind: 'cgroup', path: word }
    case 'text': {
      const name = field === 'proc' ? 'process' : (field as TextField)
      if (value.list.includes('')) throw usageError(`a name is missing in "${word}"`)
      return { kind: 'text', field: name, isPart: operator === '~', values: value.list }
    }
    default: {
      const values = NUMBERS[kind === 'time' || kind === 'size' ? kind : 'count'](word)
      if (comparison !== '=' && values.length > 1) throw noOrder(value)
      return { kind: 'number', field: field as NumberField, comparison, values }
    }
  }
}

const NUMBERS = { count: parseCounts, size: parseSizes, time: parseTimes } as const

const ENDS: Readonly<Partial<Record<FieldName, End>>> = {
  src: 'local',
  sport: 'local',
  dst: 'remote',
  dport: 'remote',
}

/** A family in the value, or preferred, holds for the whole listing and for the values behind it. */
function makeEndTest(
  reading: Reading,
  {
    field,
    kind,
    comparison,
    value,
  }: Pick<Parts, 'field' | 'value'> & {
    readonly kind: 'host' | 'port'
    readonly comparison: Comparison
  },
): Expression {
  const named = splitFamily(value.word)
  const family = named.family ?? reading.preferred
  const end = ENDS[field] ?? 'either'
  const { portOfService } = reading
  if (family !== undefined) {
    reading.preferred = family
    reading.restriction = family
  }
  if (end !== 'either' && (kind === 'host' || family === 'unix')) {
    return parseHostValue(named.rest, { end, family, portOfService })
  }
  const ports = parsePortValue(named.rest, portOfService)
  if (comparison === '=') return { kind: 'port', end, comparison, ports }
  // To the kernel, and so to ss, * is the highest port and the lowest at once.
  if (ports === 'any')
    return { kind: 'port', end, comparison: '=', ports: comparison === '>=' ? LAST : [] }
  const [only] = ports
  if (ports.length > 1 || only?.first !== only?.last) throw noOrder(value)
  return { kind: 'port', end, comparison, ports }
}

const LAST: readonly PortRange[] = [{ first: 65_535, last: 65_535 }]

function noOrder(value: Token): Error {
  return complaint(
    'only a single value can be compared with',
    value,
    'A list or range goes with = and !=.',
  )
}
