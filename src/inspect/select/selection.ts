import type { Wanted } from '../types.ts'
import { allOf, type Expression, testsOf } from './expression.ts'
import { needsOf } from './needs.ts'
import type { PortRange } from './ports.ts'

/** Which sockets to show: every part must hold; an empty list leaves its part open. */
export interface Selection extends Wanted {
  /** At either end. */
  readonly ports: readonly PortRange[]
  /** Processes by number: those that hold the socket. */
  readonly pids: readonly number[]
  /** Processes by name. */
  readonly processes: readonly string[]
  /** What was asked for in the filter language. */
  readonly filter: Expression | undefined
}

/** What all but states, families and protocols come to, as one expression. */
export function conditionOf({
  ports,
  pids,
  processes,
  filter,
}: Pick<Selection, 'ports' | 'pids' | 'processes' | 'filter'>): Expression | undefined {
  return allOf([
    ports.length > 0 ? { kind: 'port', end: 'either', comparison: '=', ports } : undefined,
    pids.length > 0 ? { kind: 'number', field: 'pid', comparison: '=', values: pids } : undefined,
    processes.length > 0
      ? { kind: 'text', field: 'process', isPart: false, values: processes }
      : undefined,
    filter,
  ])
}

/** Whether the selection asks who holds a socket. */
export function asksForOwners(selection: Selection): boolean {
  return needsOf(conditionOf(selection)).owners
}

/** The names of processes that the selection asks for. */
export function namedProcesses(selection: Selection): readonly string[] {
  return testsOf(conditionOf(selection)).flatMap(test =>
    test.kind === 'text' && test.field === 'process' ? test.values : [],
  )
}
