import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/inspect/rules/index.ts'
import type { Diagnosis } from '../../../src/inspect/views/findings.ts'
import { findingsJsonView, findingsNdjsonView } from '../../../src/inspect/views/findings-json.ts'
import {
  DOCUMENT_FIELDS,
  EVENTS,
  FINDING_FIELDS,
  UNANSWERED_FIELDS,
} from '../../../src/inspect/views/json-schema.ts'
import { connection, record } from '../../support/records.ts'
import { NODE, type Scene, situation, times } from '../../support/situation.ts'

function diagnosis(now: Scene): Diagnosis {
  const one = situation(now)
  return { situation: one, ...diagnose(one), elsewhere: 0 }
}

const stopped: Scene = {
  records: [record({ inode: 1, receiveQueue: 37, sendQueue: 128 })],
  owners: { 1: [{ pid: 27_039, fd: 3, name: 'python3' }] },
  processes: [{ pid: 27_039, state: 'stopped' }],
}

const silent = (targets: number): Scene => ({
  records: times(targets, i =>
    connection('10.0.0.1:40000', `10.0.1.${i}:443`, {
      state: 'syn-sent',
      inode: 7,
      timer: { kind: 'retransmit', retransmits: 1, expiresInMs: 900 },
    }),
  ),
  owners: { 7: [NODE] },
})

/** A listener of a process that may not be seen, with a queue. */
function hidden(): Diagnosis {
  const seen = situation({ records: stopped.records ?? [] })
  const one = { ...seen, ownershipOf: () => ({ kind: 'hidden', uid: 0 }) as const }
  return { situation: one, ...diagnose(one), elsewhere: 0 }
}

describe('findingsJsonView', () => {
  const userName = (): undefined => undefined

  it('gives one document, with the keys that are written down', () => {
    const document = JSON.parse([...findingsJsonView(diagnosis(stopped), userName)].join(''))
    const documented = DOCUMENT_FIELDS.map(({ key }) => key)
    const keys = ['schema', 'takenAt', 'host', 'source', 'unanswered', 'findings', 'warnings']
    expect(Object.keys(document)).toEqual(keys)
    expect(documented).toEqual(expect.arrayContaining(keys))
    const [finding] = document.findings
    expect(Object.keys(finding)).toEqual(FINDING_FIELDS.map(({ key }) => key))
    expect(finding).toMatchObject({
      id: 'listen.owner-stopped',
      severity: 'problem',
      pids: [27_039],
      socketCount: 1,
      sockets: [{ acceptQueue: 37, owners: [{ pid: 27_039 }] }],
    })
  })

  it('names a hundred sockets at most, and counts all', () => {
    const records = times(150, i =>
      connection('10.0.0.1:1', '10.0.0.9:80', { state: 'close-wait', inode: 10 + i }),
    )
    const owners = Object.fromEntries(records.map(({ inode }) => [inode, [NODE]]))
    const { findings } = JSON.parse(
      [...findingsJsonView(diagnosis({ records, owners }), userName)].join(''),
    )
    expect(findings[0].socketCount).toBe(150)
    expect(findings[0].sockets).toHaveLength(100)
  })

  it('gives an empty list where nothing is wrong', () => {
    const document = JSON.parse([...findingsJsonView(diagnosis({}), userName)].join(''))
    expect(document).toMatchObject({ findings: [], unanswered: [] })
  })

  it('names the rules that could give no answer, and why', () => {
    const { unanswered } = JSON.parse([...findingsJsonView(hidden(), userName)].join(''))
    expect(unanswered).toContainEqual({
      id: 'listen.owner-stopped',
      reason: 'owners-hidden',
      socketCount: 1,
    })
    expect(Object.keys(unanswered[0])).toEqual(UNANSWERED_FIELDS.map(({ key }) => key))
  })
})

describe('findingsNdjsonView', () => {
  it('gives an event with a time for each', () => {
    const lines = [...findingsNdjsonView(diagnosis(silent(2)), () => undefined)]
    const events = lines.map(line => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(['snapshot', 'finding', 'finding'])
    expect(new Set(events.map(({ time }) => time)).size).toBe(1)
    const known = EVENTS.map(({ key }) => key)
    expect(known).toEqual(expect.arrayContaining(events.map(({ event }) => event)))
  })

  it('gives an event for each rule that could give no answer', () => {
    const events = [...findingsNdjsonView(hidden(), () => undefined)].map(line => JSON.parse(line))
    expect(events).toContainEqual({
      event: 'unanswered',
      time: events[0].time,
      ...{ id: 'listen.owner-stopped', reason: 'owners-hidden', socketCount: 1 },
    })
    expect(EVENTS.map(({ key }) => key)).toContain('unanswered')
  })
})
