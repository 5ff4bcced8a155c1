import type { Owner, SocketRecord, SourceName } from '../types.ts'
import type { UserName } from '../users.ts'
import { endTest } from './end-tests.ts'
import type { Expression, Joined, Test } from './expression.ts'
import { numberTest, textTest } from './field-tests.ts'
import type { Missing } from './missing.ts'
import type { KnownNames } from './names.ts'

/** What the tests need to know beside the record. */
export interface SelectionContext {
  readonly source: SourceName
  readonly names: KnownNames
  readonly userName: UserName
  /** Who holds a socket; hidden: somebody whom this user may not see. */
  readonly holdersOf: (record: SocketRecord) => readonly Owner[] | 'hidden'
  /** The container of its holders; undefined: they are in none. Leave out what cannot be told. */
  readonly containerOf?: (record: SocketRecord) => ContainerName | 'hidden' | undefined
  /** The systemd unit of its holders. */
  readonly unitOf?: (record: SocketRecord) => string | 'hidden' | undefined
}

export interface ContainerName {
  readonly id: string
  readonly name: string | undefined
}

/**
 * Whether a record is selected. `hidden`: it depends on a holder who may not be seen. `Missing`: it
 * depends on what nobody has told.
 */
export type Verdict = boolean | 'hidden' | Missing

export type Decide = (record: SocketRecord) => Verdict

/**
 * Makes the function that decides by an expression. What is not known counts only where the answer
 * depends on it: "false and unknown" is false.
 */
export function predicate(expression: Expression, context: SelectionContext): Decide {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return joined(expression, context)
    case 'not': {
      const part = predicate(expression.part, context)
      return record => opposite(part(record))
    }
    default:
      return testOf(expression, context)
  }
}

/** "and" is settled by the first false, "or" by the first true. */
function joined({ kind, parts }: Joined, context: SelectionContext): Decide {
  const decisions = parts.map(part => predicate(part, context))
  const settles = kind === 'or'
  return record => {
    let verdict: Verdict = !settles
    for (const decide of decisions) {
      const one = decide(record)
      if (one === settles) return settles
      if (one === !settles) continue
      // Missing data outweighs a hidden holder: it makes the whole answer fail.
      if (verdict === !settles || verdict === 'hidden') verdict = one
    }
    return verdict
  }
}

function opposite(verdict: Verdict): Verdict {
  return typeof verdict === 'boolean' ? !verdict : verdict
}

function testOf(test: Test, context: SelectionContext): Decide {
  switch (test.kind) {
    case 'state':
      return ({ state }) => test.states.has(state)
    case 'number':
      return numberTest(test, context)
    case 'text':
      return textTest(test, context)
    default:
      return endTest(test, context)
  }
}
