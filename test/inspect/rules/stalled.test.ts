import { describe, expect, it } from 'vitest'
import { unreadData, zeroWindowPeer } from '../../../src/inspect/rules/stalled.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { connection } from '../../support/records.ts'
import { NGINX, NODE, type Scene, situation, tcp } from '../../support/situation.ts'

const one = (parts: Partial<SocketRecord>) => ({
  records: [connection('127.0.0.1:8080', '127.0.0.1:40000', { inode: 7, ...parts })],
  owners: { 7: [NODE] },
})

const memory = (receiveBytes: number) => ({
  memory: {
    ...{ receiveBytes, receiveLimitBytes: 8192, transmitBytes: 0, sendLimitBytes: 0 },
    ...{ forwardAllocBytes: 0, sendQueueBytes: 0, optionBytes: 0, backlogBytes: 0 },
  },
})

describe('unreadData', () => {
  it('finds bytes that stay, and says what the process does', () => {
    const processes: Scene['processes'] = [{ pid: 4711, state: 'running' }]
    const scene = { ...one({ receiveQueue: 65_536 }), processes }
    const [found] = unreadData.check(situation(scene, scene))
    expect(found?.summary).toMatch(/^node \(pid 4711\) does not read: 64 KiB wait on 1 connection/)
    expect(found?.evidence).toContain('process state R (computing)')
  })

  it('finds a small buffer that is full', () => {
    const full = one({ receiveQueue: 5000, ...memory(8000) })
    expect(unreadData.check(situation(full, full))).toHaveLength(1)
    const half = one({ receiveQueue: 5000, ...memory(4000) })
    expect(unreadData.check(situation(half, half))).toEqual([])
  })

  it('is silent while something is read, about little, and after one look', () => {
    const now = one({ receiveQueue: 70_000 })
    expect(unreadData.check(situation(now, one({ receiveQueue: 90_000 })))).toEqual([])
    const little = one({ receiveQueue: 65_535 })
    expect(unreadData.check(situation(little, little))).toEqual([])
    expect(unreadData.check(situation(now))).toEqual([])
  })

  it('leaves a connection that is not accepted yet to its listener', () => {
    const waiting = one({ receiveQueue: 70_000, inode: 0 })
    expect(unreadData.check(situation(waiting, waiting))).toEqual([])
  })
})

describe('zeroWindowPeer', () => {
  const probe = (expiresInMs: number) => ({
    sendQueue: 9000,
    timer: { kind: 'zero-window-probe', retransmits: 0, expiresInMs } as const,
  })

  it('finds a window that is closed at both looks, or for long', () => {
    expect(zeroWindowPeer.check(situation(one(probe(300)), one(probe(300))))).toHaveLength(1)
    expect(zeroWindowPeer.check(situation(one(probe(3000))))).toHaveLength(1)
    const shut = one({ sendQueue: 9000, ...tcp({ sndWndBytes: 0, backoff: 4 }) })
    expect(zeroWindowPeer.check(situation(shut))).toHaveLength(1)
  })

  it('is silent about a pause in a transfer', () => {
    expect(zeroWindowPeer.check(situation(one(probe(300))))).toEqual([])
    expect(zeroWindowPeer.check(situation(one(probe(300)), one({ sendQueue: 9000 })))).toEqual([])
    const moving = one({ ...probe(300), sendQueue: 8000 })
    expect(zeroWindowPeer.check(situation(moving, one(probe(300))))).toEqual([])
    const idle = one({ ...tcp({ sndWndBytes: 0, backoff: 4 }) })
    expect(zeroWindowPeer.check(situation(idle))).toEqual([])
  })

  it('names who has to read, when that is a process of this machine', () => {
    const scene = {
      records: [
        ...one(probe(3000)).records,
        connection('127.0.0.1:40000', '127.0.0.1:8080', { inode: 8 }),
      ],
      owners: { 7: [NODE], 8: [NGINX] },
    }
    const [found] = zeroWindowPeer.check(situation(scene))
    expect(found?.evidence[1]).toBe('the other end is on this machine: nginx (pid 800) has to read')
    expect(found?.advice[0]?.command).toBe('sockctl inspect --pid 800')
    expect(found?.pids).toEqual([4711, 800])
  })
})
