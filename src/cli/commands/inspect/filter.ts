import { portOfService } from '../../../endpoint/service-names.ts'
import type { Family } from '../../../inspect/ends.ts'
import { type Expression, testsOf } from '../../../inspect/select/expression.ts'
import { formatExpression } from '../../../inspect/select/format-expression.ts'
import type { ParsedFilter } from '../../../inspect/select/parser.ts'
import { looksLikePorts } from '../../../inspect/select/ports.ts'
import type { Context } from '../../context.ts'
import { readLimited, readLimitedFile } from '../../read-limited.ts'
import type { InspectFlags } from './question.ts'

/**
 * Reads the words behind `sockctl inspect` as one expression, and the file of -F behind them, as in
 * ss(8). Words that are all ports are no expression.
 *
 * @returns undefined when there is none
 * @throws ERR_USAGE, with the place; ERR_NOT_FOUND, ERR_DENIED for the file
 */
export async function readFilter(
  words: readonly string[],
  flags: InspectFlags,
  context: Pick<Context, 'stdin'>,
): Promise<ParsedFilter | undefined> {
  const { filterFile } = flags
  if (filterFile === undefined && words.every(looksLikePorts)) return undefined
  const lines = filterFile === undefined ? '' : filterLines(await readText(filterFile, context))
  const text = [...words, lines].join(' ')
  const { parseFilter } = await import('../../../inspect/select/parser.ts')
  return parseFilter(text, { portOfService, family: preferredFamily(flags) })
}

/**
 * Whether an expression is one that ss(8) has too: its options then mean what they mean there, and
 * leave out some states.
 */
export function isInWordsOfSs(expression: Expression | undefined): boolean {
  return testsOf(expression).every(
    test =>
      test.kind !== 'number' &&
      test.kind !== 'text' &&
      !(test.kind === 'port' && test.end === 'either'),
  )
}

/** What to say when "and" and "or" stand together: ss(8) reads otherwise than its manual says. */
export function mixedNote({ expression, isMixed }: ParsedFilter): string | undefined {
  if (!isMixed || expression === undefined) return undefined
  return `"and" and "or" are read from left to right, as in ss: ${formatExpression(expression)}`
}

/** Of -4, -6 and -x the last one is meant by values that name no family, as in ss. */
function preferredFamily(flags: InspectFlags): Family | undefined {
  const last = Object.keys(flags).findLast(name => Object.hasOwn(FAMILY_FLAGS, name))
  return last === undefined ? undefined : FAMILY_FLAGS[last as keyof typeof FAMILY_FLAGS]
}

const FAMILY_FLAGS = { ipv4: 'ipv4', ipv6: 'ipv6', unix: 'unix' } as const

/** ss leaves out lines that begin with # or, whatever for, with 0. */
function filterLines(text: string): string {
  return text
    .split('\n')
    .filter(line => !/^[#0]/.test(line))
    .join('\n')
}

/** Longer than anybody writes, or a program does. */
const LONGEST_FILTER_BYTES = 2 ** 20

/** stdin is taken out of the context only here: to open it takes Node 2 to 4 ms. */
function readText(file: string, context: Pick<Context, 'stdin'>): Promise<string> {
  const mostBytes = LONGEST_FILTER_BYTES
  return file === '-'
    ? readLimited(context.stdin, { what: 'filter on stdin', mostBytes })
    : readLimitedFile(file, { what: `filter file ${file}`, mostBytes })
}
