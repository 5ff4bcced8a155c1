import { describe, expect, it } from 'vitest'
import {
  backlogClamped,
  overflowHistory,
  queueFull,
} from '../../../src/inspect/rules/listen-queue.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { record } from '../../support/records.ts'
import { NODE, type Scene, situation } from '../../support/situation.ts'

function listening(parts: Partial<SocketRecord>): Scene {
  const records = [record({ inode: 1, cookie: 1n, ...parts })]
  const counters = { TcpExtListenOverflows: parts.drops ?? 0 }
  return { records, owners: { 1: [NODE] }, counters }
}

describe('queueFull', () => {
  it('is a problem from one more than the limit on: that is when the kernel drops', () => {
    const full = listening({ receiveQueue: 6, sendQueue: 5 })
    expect(queueFull.check(situation(full))[0]?.severity).toBe('problem')
    expect(queueFull.check(situation(listening({ receiveQueue: 5, sendQueue: 5 })))).toEqual([])
  })

  it('warns when it is nearly full at both looks, not at one', () => {
    const high = listening({ receiveQueue: 4, sendQueue: 5 })
    const low = listening({ receiveQueue: 1, sendQueue: 5 })
    expect(queueFull.check(situation(high, high))[0]?.severity).toBe('warning')
    expect(queueFull.check(situation(high, low))).toEqual([])
    expect(queueFull.check(situation(low, high))).toEqual([])
  })

  it('says that no descriptor is left, or what else the process does', () => {
    const full = listening({ receiveQueue: 6, sendQueue: 5, drops: 12 })
    const processes: Scene['processes'] = [
      { pid: 4711, state: 'running', descriptors: 1024, descriptorLimit: 1024 },
    ]
    const [found] = queueFull.check(situation({ ...full, processes }))
    expect(found?.evidence).toEqual([
      '6 in the queue, for 5 (full at one more)',
      '12 attempts dropped since it listens',
      'pid 4711 is computing (state R)',
      'pid 4711 has 1,024 of 1,024 descriptors open: accept() fails (EMFILE)',
    ])
  })

  it('is silent where the source does not know the limit', () => {
    const unknown = listening({ receiveQueue: 6, sendQueue: undefined })
    expect(queueFull.check(situation(unknown, unknown))).toEqual([])
  })
})

describe('overflowHistory', () => {
  it('notes what a listener has dropped, and warns when it goes on', () => {
    const before = listening({ drops: 10 })
    const now = listening({ drops: 15 })
    expect(overflowHistory.check(situation(now))[0]).toMatchObject({ severity: 'note' })
    const [found] = overflowHistory.check(situation(now, before))
    expect(found).toMatchObject({ severity: 'warning' })
    expect(found?.summary).toMatch(/^node \(pid 4711\) has turned away 15 attempts .*:8080/)
    expect(found?.evidence[0]).toBe('5 of them just now')
    expect(overflowHistory.check(situation(listening({ drops: 0 })))).toEqual([])
  })

  it('is silent about drops that are no full queue', () => {
    const deferred = { ...listening({ drops: 9 }), counters: { TcpExtListenOverflows: 0 } }
    expect(overflowHistory.check(situation(deferred, deferred))).toEqual([])
    const both = { ...listening({ drops: 9 }), counters: { TcpExtListenOverflows: 2 } }
    expect(overflowHistory.check(situation(both))[0]?.summary).toMatch(/turned away 2 attempts/)
  })

  it('counts for all of them where the kernel does not tell it for each', () => {
    const counters = { TcpExtListenOverflows: 7 }
    const quiet = listening({})
    const [found] = overflowHistory.check(situation({ ...quiet, counters }, quiet))
    expect(found?.summary).toMatch(/^7 attempts to connect were dropped just now/)
    expect(overflowHistory.check(situation({ ...quiet, counters }, { counters }))).toEqual([])
  })
})

describe('backlogClamped', () => {
  const local = { family: 'ipv4', host: '0.0.0.0', port: 80 } as const
  const settings = { 'net/core/somaxconn': '128' }

  it('says that the kernel cut what was asked for', () => {
    const cut = { ...listening({ local, sendQueue: 128, drops: 3 }), settings }
    const [found] = backlogClamped.check(situation(cut))
    expect(found?.evidence[1]).toBe('net.core.somaxconn is 128, and cuts what listen() asks for')
  })

  it('is silent where nobody has to wait, on loopback, and about larger ones', () => {
    for (const parts of [
      { local, sendQueue: 5 },
      { sendQueue: 5, drops: 3 },
      { local, sendQueue: 100, drops: 3 },
    ]) {
      expect(backlogClamped.check(situation({ ...listening(parts), settings }))).toEqual([])
    }
  })
})
