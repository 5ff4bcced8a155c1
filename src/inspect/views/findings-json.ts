import type { Advice, Finding, Severity } from '../rules/types.ts'
import type { UserName } from '../users.ts'
import { machineColumns } from './column-choice.ts'
import type { Diagnosis } from './findings.ts'
import { documentJson, eventLines, type SocketJson, socketJson } from './json.ts'

/** A finding can be about very many sockets: it names so many of them. */
const MOST_SOCKETS = 100

/** One finding as JSON. `json-schema.ts` says what each key means. */
export interface FindingJson {
  readonly id: string
  readonly severity: Severity
  readonly summary: string
  readonly evidence: readonly string[]
  readonly explanation: string
  readonly advice: readonly Advice[]
  readonly pids: readonly number[]
  readonly socketCount: number
  readonly sockets: readonly SocketJson[]
}

/** Writes findings as one JSON document, a line for each, in pieces. */
export function* findingsJsonView(diagnosis: Diagnosis, userName: UserName): Generator<string> {
  const values = diagnosis.findings.map(one => findingJson(one, diagnosis, userName))
  yield* documentJson(diagnosis.situation.snapshot, 'findings', values)
}

/** Writes findings as JSON lines: each has an `event` and a `time`. */
export function* findingsNdjsonView(diagnosis: Diagnosis, userName: UserName): Generator<string> {
  const values = diagnosis.findings.map(one => findingJson(one, diagnosis, userName))
  yield* eventLines(diagnosis.situation.snapshot, 'finding', values)
}

function findingJson(
  { id, severity, summary, evidence, explanation, advice, pids, sockets }: Finding,
  { situation: { snapshot, ownershipOf } }: Diagnosis,
  userName: UserName,
): FindingJson {
  const facts = { snapshot, ownershipOf, userName }
  const columns = machineColumns('json', { details: new Set(), peers: false })
  return {
    ...{ id, severity, summary, evidence, explanation, advice, pids },
    socketCount: sockets.length,
    sockets: sockets.slice(0, MOST_SOCKETS).map(one => socketJson(one, columns, facts)),
  }
}
