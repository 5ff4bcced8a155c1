import { formatCount } from '../../units.ts'
import type { CheckResult } from './types.ts'

/** What is asserted of how many sockets there are. */
export interface Assertions {
  /** `--fail-if-any` */
  readonly none: boolean
  /** `--fail-if-none` */
  readonly some: boolean
  /** `--max`: how many there may be. Undefined: any number. */
  readonly max: number | undefined
}

/** What was found, and what was perhaps not. */
export interface Found {
  readonly count: number
  /** How many more there may be; Infinity where nobody can tell. */
  readonly perhapsMore: number
  /** Why there may be more. */
  readonly unseen: { readonly why: 'denied' | 'unsupported'; readonly details: readonly string[] }
  /** What was looked for, as in `3 ...`: `sockets in state close-wait`. */
  readonly what: { readonly one: string; readonly many: string }
  /** The first few, by name. */
  readonly examples: readonly string[]
}

/**
 * Checks what is asserted of a number of sockets. Where those that cannot be seen could change the
 * answer there is none: nothing that is only not seen passes for nothing.
 */
export function checkAssertions({ none, some, max }: Assertions, found: Found): CheckResult[] {
  return [
    ...(none ? [atMost('assert.fail-if-any', 0, found)] : []),
    ...(some ? [atLeastOne(found)] : []),
    ...(max === undefined ? [] : [atMost('assert.max', max, found)]),
  ]
}

function atMost(name: string, most: number, found: Found): CheckResult {
  const { count, perhapsMore, examples } = found
  const allowed = most === 0 ? 'none' : `${most} at most`
  if (count > most) {
    return result(name, found, { message: `${counted(found)}, wanted ${allowed}`, examples })
  }
  if (count + perhapsMore > most) return untold(name, allowed, found)
  return result(name, found, { ok: true, message: `${counted(found)}, wanted ${allowed}` })
}

function atLeastOne(found: Found): CheckResult {
  const name = 'assert.fail-if-none'
  if (found.count > 0) {
    return result(name, found, { ok: true, message: `${counted(found)}, wanted some` })
  }
  if (found.perhapsMore > 0) return untold(name, 'some', found)
  return result(name, found, { message: `${counted(found)}, wanted some` })
}

function untold(name: string, wanted: string, found: Found): CheckResult {
  const { unseen } = found
  const message = `${counted(found)} that can be seen, wanted ${wanted}: there may be more`
  return { ...result(name, found, { message, examples: unseen.details }), unseen: unseen.why }
}

function result(
  name: string,
  { what }: Found,
  {
    ok = false,
    message,
    examples = [],
  }: { readonly ok?: boolean; readonly message: string; readonly examples?: readonly string[] },
): CheckResult {
  const severity = ok ? 'note' : 'problem'
  return { name, subject: what.many, ok, severity, message, details: examples }
}

function counted({ count, what }: Found): string {
  return formatCount(count, what.one, what.many)
}
