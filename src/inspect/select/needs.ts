import type { Detail } from '../types.ts'
import { type Expression, testsOf } from './expression.ts'

/** What has to be looked up before an expression can be decided. */
export interface Needs {
  /** Who holds the sockets. */
  readonly owners: boolean
  readonly details: ReadonlySet<Detail>
  readonly containers: boolean
  readonly units: boolean
  readonly networkNamespaces: boolean
}

/** Tells what an expression asks about that is told only on demand. */
export function needsOf(expression: Expression | undefined): Needs {
  const fields = new Set(
    testsOf(expression).map(test => ('field' in test ? test.field : test.kind)),
  )
  const tcpInfo = fields.has('rtt') || fields.has('retrans')
  return {
    owners: ['pid', 'process', 'container', 'unit'].some(field => fields.has(field as 'pid')),
    details: new Set(tcpInfo ? ['tcp-info'] : []),
    containers: fields.has('container'),
    units: fields.has('unit'),
    networkNamespaces: fields.has('netns'),
  }
}
