import { describe, expect, it } from 'vitest'
import { closeWaitLeak, closeWaitUnaccepted } from '../../../src/inspect/rules/close-wait.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { connection, record } from '../../support/records.ts'
import { NGINX, NODE, type Scene, situation, tcp, times } from '../../support/situation.ts'

function leaking(count: number, parts: Partial<SocketRecord> = {}): Scene {
  const records = times(count, i =>
    connection(`10.0.0.1:${40_000 + i}`, '10.0.3.7:9200', {
      state: 'close-wait',
      inode: 100 + i,
      cookie: BigInt(100 + i),
      ...parts,
    }),
  )
  return { records, owners: Object.fromEntries(records.map(({ inode }) => [inode, [NODE]])) }
}

describe('closeWaitLeak', () => {
  it('is silent about a few that are young', () => {
    expect(closeWaitLeak.check(situation(leaking(19)))).toEqual([])
    const young = leaking(5, tcp({ lastAckRecvMs: 299_000 }))
    expect(closeWaitLeak.check(situation(young, young))).toEqual([])
  })

  it('notes a few whose peers are silent for long, and claims no age of the state', () => {
    const [found] = closeWaitLeak.check(situation(leaking(5, tcp({ lastAckRecvMs: 400_000 }))))
    expect(found?.severity).toBe('note')
    expect(found?.evidence).toContain('the longest silence of a peer is 6 m 40 s')
  })

  it('warns of many, and names the process, the peer and the direction', () => {
    const processes = [{ pid: 4711, descriptors: 1311, descriptorLimit: 4096 }]
    const [found, ...others] = closeWaitLeak.check(situation({ ...leaking(1204), processes }))
    expect(others).toEqual([])
    expect(found).toMatchObject({
      severity: 'warning',
      summary: 'node (pid 4711) holds 1,204 connections that the peer has closed (CLOSE_WAIT)',
      pids: [4711],
    })
    expect(found?.evidence[0]).toBe('outgoing, to 10.0.3.7:9200')
    expect(found?.advice[0]?.text).toContain('10.0.3.7:9200')
    expect(found?.sockets).toHaveLength(1204)
  })

  it('warns of fewer that grow', () => {
    const [found] = closeWaitLeak.check(situation(leaking(12), leaking(4)))
    expect(found?.summary).toMatch(/, 8 more than 1.0 s ago$/)
    expect(closeWaitLeak.check(situation(leaking(12), leaking(8)))).toEqual([])
  })

  it('is a problem when half of the descriptors are gone', () => {
    const processes = [{ pid: 4711, descriptors: 60, descriptorLimit: 64 }]
    const [found] = closeWaitLeak.check(situation({ ...leaking(32), processes }))
    expect(found?.severity).toBe('problem')
    expect(found?.evidence).toContain('60 of 64 descriptors are open (93 %)')
  })

  it('says of whom they are where the owner is hidden', () => {
    const { records = [] } = leaking(25, { uid: 33 })
    const scene = situation({ records })
    const ownershipOf = () => ({ kind: 'hidden', uid: 33 }) as const
    const [found] = closeWaitLeak.check({ ...scene, ownershipOf })
    expect(found?.summary).toMatch(/^a process of uid 33 \(hidden from you\) holds 25 /)
    expect(found?.pids).toEqual([])
  })
})

describe('closeWaitUnaccepted', () => {
  const waiting = times(4, i =>
    connection('127.0.0.1:8080', `127.0.0.1:${40_000 + i}`, { state: 'close-wait', inode: 0 }),
  )

  it('blames the listener, not a leak', () => {
    const records = [record({ inode: 1, receiveQueue: 4 }), ...waiting]
    const scene = situation({ records, owners: { 1: [NGINX] } })
    expect(closeWaitLeak.check(scene)).toEqual([])
    const [found] = closeWaitUnaccepted.check(scene)
    expect(found?.summary).toBe(
      'nginx (pid 800) has not accepted 4 connections on 127.0.0.1:8080 whose clients have given up',
    )
  })

  it('is silent where a full queue or a stopped process is the finding', () => {
    const full = [record({ inode: 1, receiveQueue: 5, sendQueue: 4 }), ...waiting]
    const owners = { 1: [NGINX] }
    expect(closeWaitUnaccepted.check(situation({ records: full, owners }))).toEqual([])
    const records = [record({ inode: 1, receiveQueue: 4 }), ...waiting]
    const processes: Scene['processes'] = [{ pid: 800, state: 'stopped' }]
    expect(closeWaitUnaccepted.check(situation({ records, owners, processes }))).toEqual([])
  })

  it('is silent about a process that holds its sockets', () => {
    expect(closeWaitUnaccepted.check(situation(leaking(30)))).toEqual([])
  })
})
