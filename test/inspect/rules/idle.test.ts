import { describe, expect, it } from 'vitest'
import { idleWithoutKeepalive, selfConnect } from '../../../src/inspect/rules/idle.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { connection } from '../../support/records.ts'
import { NODE, situation, tcp } from '../../support/situation.ts'

const HOUR = 3_600_000

describe('idleWithoutKeepalive', () => {
  const silent = (local: string, hours: number, parts: Partial<SocketRecord> = {}) => ({
    records: [
      connection(local, '10.0.0.9:5432', {
        inode: 7,
        ...tcp({ lastDataSentMs: hours * HOUR, lastDataRecvMs: 30 * HOUR }),
        ...parts,
      }),
    ],
    owners: { 7: [NODE] },
  })

  it('counts from what was said last, by either', () => {
    const [found] = idleWithoutKeepalive.check(situation(silent('10.0.0.1:40000', 3)))
    expect(found?.summary).toBe(
      'node (pid 4711) holds 1 connection that is silent for 3 h 0 m or more, without keepalive',
    )
    expect(idleWithoutKeepalive.check(situation(silent('10.0.0.1:40000', 1)))).toEqual([])
  })

  it('is silent about loopback, keepalive, and where the times are not known', () => {
    const timer = { kind: 'keepalive', expiresInMs: 1000, retransmits: 0 } as const
    for (const scene of [
      silent('127.0.0.1:40000', 3),
      silent('10.0.0.1:40000', 3, { timer }),
      silent('10.0.0.1:40000', 3, { tcp: undefined }),
    ]) {
      expect(idleWithoutKeepalive.check(situation(scene))).toEqual([])
    }
  })
})

describe('selfConnect', () => {
  it('takes the same address and the same port', () => {
    const self = connection('127.0.0.1:40000', '127.0.0.1:40000', { inode: 7 })
    expect(selfConnect.check(situation({ records: [self], owners: { 7: [NODE] } }))).toHaveLength(1)
    for (const remote of ['127.0.0.1:40001', '127.0.0.2:40000']) {
      const other = connection('127.0.0.1:40000', remote, { inode: 7 })
      expect(selfConnect.check(situation({ records: [other] }))).toEqual([])
    }
  })
})
