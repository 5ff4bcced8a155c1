import { describe, expect, it } from 'vitest'
import { findingResults } from '../../../src/inspect/checks/findings.ts'
import { RULES } from '../../../src/inspect/rules/index.ts'
import type { Finding } from '../../../src/inspect/rules/types.ts'
import { record } from '../../support/records.ts'

const finding: Finding = {
  id: 'bound.inactive',
  severity: 'note',
  explanation: 'It means nothing.',
  summary: 'node (pid 7) has reserved port 80\x1b[2J.',
  evidence: ['bound to 0.0.0.0:80'],
  advice: [{ text: 'Look at it:', command: 'sockctl inspect 80' }],
  sockets: [],
  pids: [7],
}

describe('findingResults', () => {
  it('makes a failure of a finding, with its evidence and advice, safe to print', () => {
    expect(findingResults({ findings: [finding], blind: [] })[0]).toEqual({
      name: 'bound.inactive',
      subject: 'pid 7',
      ok: false,
      severity: 'note',
      message: 'node (pid 7) has reserved port 80\\x1b[2J',
      details: ['bound to 0.0.0.0:80', 'Look at it: sockctl inspect 80'],
    })
  })

  it('says of every other rule that it found nothing', () => {
    const results = findingResults({ findings: [finding], blind: [] })
    expect(new Set(results.map(({ name }) => name))).toEqual(new Set(Object.keys(RULES)))
    expect(results.filter(({ ok }) => !ok)).toHaveLength(1)
  })

  it('keeps the machine for the subject where several processes are concerned', () => {
    expect(
      findingResults({ findings: [{ ...finding, pids: [7, 8] }], blind: [] })[0]?.subject,
    ).toBe('this machine')
  })

  it('does not say of a rule that nothing was found where it could not look', () => {
    const rule = RULES['listen.owner-stopped']
    const results = findingResults({ findings: [], blind: [{ rule, sockets: [record({})] }] })
    expect(results.find(({ name }) => name === rule.id)).toMatchObject({
      ok: false,
      unseen: 'denied',
      message: `cannot be told while 1 owner is hidden: ${rule.title}`,
    })
    expect(results.filter(({ ok }) => !ok)).toHaveLength(1)
  })
})
