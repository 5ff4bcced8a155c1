import type { Family } from '../ends.ts'
import type { SocketState } from '../types.ts'
import { ALL_FAMILIES } from './everything.ts'
import { allOf, type Expression, type Test } from './expression.ts'
import { ALL_STATES } from './states.ts'

/** The states that a selected socket can be in. */
export function possibleStates(expression: Expression | undefined): ReadonlySet<SocketState> {
  return narrow(expression, ALL_STATES, test => (test.kind === 'state' ? test.states : undefined))
}

/** What is asked for beside the states that `possibleStates` tells in full. */
export function besideStates(expression: Expression | undefined): Expression | undefined {
  if (expression?.kind === 'state') return undefined
  if (expression?.kind !== 'and') return expression
  return allOf(expression.parts.filter(({ kind }) => kind !== 'state'))
}

/** The families that a selected socket can be of. */
export function possibleFamilies(expression: Expression | undefined): ReadonlySet<Family> {
  return narrow(expression, ALL_FAMILIES, familiesOf)
}

const IP: ReadonlySet<Family> = new Set(['ipv4', 'ipv6'])
const WITH_PORTS: ReadonlySet<Family> = new Set(['ipv4', 'ipv6', 'vsock'])

function familiesOf(test: Test): ReadonlySet<Family> | undefined {
  switch (test.kind) {
    case 'port':
      return test.ports === 'any' ? undefined : WITH_PORTS
    case 'host':
    case 'mark':
      return IP
    case 'path':
      return new Set(['unix'])
    case 'packet':
    case 'netlink':
    case 'vsock':
      return new Set([test.kind])
    case 'device':
      return new Set(['ipv4', 'ipv6', 'packet'])
    default:
      return undefined
  }
}

/**
 * Finds what has to be so wherever an expression holds: a test that says nothing of it, or that is
 * turned around, leaves it open.
 */
function narrow<T>(
  expression: Expression | undefined,
  all: readonly T[],
  ofTest: (test: Test) => ReadonlySet<T> | undefined,
): ReadonlySet<T> {
  const possible = (part: Expression): ReadonlySet<T> | undefined => {
    switch (part.kind) {
      case 'and': {
        const known = part.parts.map(possible).filter(one => one !== undefined)
        const both = all.filter(one => known.every(set => set.has(one)))
        return known.length === 0 ? undefined : new Set(both)
      }
      case 'or': {
        const known = part.parts.map(possible)
        if (known.includes(undefined)) return undefined
        return new Set(all.filter(one => known.some(set => set?.has(one))))
      }
      case 'not':
        return undefined
      default:
        return ofTest(part)
    }
  }
  return (expression && possible(expression)) ?? new Set(all)
}
