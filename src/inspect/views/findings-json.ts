import type { Advice, BlindRule, Finding, Severity } from '../rules/types.ts'
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

/** A rule that could give no answer, or not all of it, as JSON. */
export interface UnansweredJson {
  readonly id: string
  /** As `code` of a warning. */
  readonly reason: 'owners-hidden'
  readonly socketCount: number
}

/** Writes findings as one JSON document, a line for each, in pieces. */
export function* findingsJsonView(diagnosis: Diagnosis, userName: UserName): Generator<string> {
  const values = diagnosis.findings.map(one => findingJson(one, diagnosis, userName))
  const unanswered = diagnosis.blind.map(unansweredJson)
  yield* documentJson(diagnosis.situation.snapshot, 'findings', values, { unanswered })
}

/** Writes findings as JSON lines: each has an `event` and a `time`. */
export function* findingsNdjsonView(diagnosis: Diagnosis, userName: UserName): Generator<string> {
  const values = diagnosis.findings.map(one => findingJson(one, diagnosis, userName))
  const events = [
    ...values.map(value => ({ event: 'finding', value }) as const),
    ...diagnosis.blind.map(one => ({ event: 'unanswered', value: unansweredJson(one) }) as const),
  ]
  yield* eventLines(diagnosis.situation.snapshot, events)
}

function unansweredJson({ rule, sockets }: BlindRule): UnansweredJson {
  return { id: rule.id, reason: 'owners-hidden', socketCount: sockets.length }
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
