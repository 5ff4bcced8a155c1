import { describe, expect, it } from 'vitest'
import { formatExpression } from '../../../src/inspect/select/format-expression.ts'
import { parsePorts } from '../../../src/inspect/select/ports.ts'
import {
  asksForOwners,
  conditionOf,
  namedProcesses,
  type Selection,
} from '../../../src/inspect/select/selection.ts'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'

function selection(parts: Partial<Selection> = {}): Selection {
  return {
    protocols: new Set(['tcp', 'udp', 'unix']),
    families: new Set(['ipv4', 'ipv6', 'unix']),
    states: new Set(ALL_STATES),
    ports: [],
    pids: [],
    processes: [],
    filter: undefined,
    ...parts,
  }
}

describe('conditionOf', () => {
  it('is open when nothing is asked for', () => {
    expect(conditionOf(selection())).toBeUndefined()
  })

  it.each<[Partial<Selection>, string]>([
    [{ ports: parsePorts('80,3000-3010') }, 'port = :80,3000-3010'],
    [{ pids: [1, 2] }, 'pid = 1,2'],
    [{ processes: ['node', 'a,b'] }, 'process = node,a\\,b'],
    [
      { ports: parsePorts('80'), pids: [1], processes: ['x'], filter: { kind: 'autobound' } },
      'port = :80 and pid = 1 and process = x and autobound',
    ],
  ])('%j is %s', (parts, text) => {
    const condition = conditionOf(selection(parts))
    expect(condition && formatExpression(condition)).toBe(text)
  })
})

describe('asksForOwners', () => {
  it('is true for processes only', () => {
    expect(asksForOwners(selection({ ports: parsePorts('80') }))).toBe(false)
    expect(asksForOwners(selection({ pids: [1] }))).toBe(true)
    expect(asksForOwners(selection({ processes: ['node'] }))).toBe(true)
  })
})

describe('namedProcesses', () => {
  it('finds them in options and in the filter', () => {
    const filter = { kind: 'text', field: 'process', isPart: true, values: ['ngin'] } as const
    expect(namedProcesses(selection({ processes: ['node'], filter }))).toEqual(['node', 'ngin'])
  })
})
