import { describe, expect, it } from 'vitest'
import {
  deletedProgram,
  localhostSplit,
  ownerStopped,
  reuseportGroup,
  sharedListener,
} from '../../../src/inspect/rules/listen-holders.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { address, record } from '../../support/records.ts'
import { NGINX, NODE, type Scene, situation } from '../../support/situation.ts'

function listener(inode: number, at = '127.0.0.1:8080', parts: Partial<SocketRecord> = {}) {
  const local = address(at)
  return record({ inode, cookie: BigInt(inode), local, family: local.family, ...parts })
}

describe('ownerStopped', () => {
  const worker = { ...NGINX, pid: 801 }

  it.each([
    ['stopped', /SIGSTOP/, 'kill -CONT 4711'],
    ['traced', /debugger/, undefined],
  ] as const)('finds a process in state %s', (state, why, command) => {
    const processes = [{ pid: 4711, state }]
    const scene = { records: [listener(1)], owners: { 1: [NODE] }, processes }
    const [found] = ownerStopped.check(situation(scene))
    expect(found?.evidence[0]).toMatch(why)
    expect(found?.advice[0]?.command).toBe(command)
  })

  it('is silent while another process can accept', () => {
    const processes: Scene['processes'] = [{ pid: 800, state: 'stopped' }]
    const scene = { records: [listener(1)], owners: { 1: [NGINX, worker] }, processes }
    expect(ownerStopped.check(situation(scene))).toEqual([])
  })
})

describe('deletedProgram', () => {
  it('names a process once, with its ports', () => {
    const records = [listener(1), listener(2, '127.0.0.1:8081')]
    const owners = { 1: [NODE], 2: [NODE] }
    const processes = [{ pid: 4711, isProgramDeleted: true }]
    const found = deletedProgram.check(situation({ records, owners, processes }))
    expect(found.map(({ summary }) => summary)).toEqual([
      'node (pid 4711) serves 127.0.0.1:8080, 127.0.0.1:8081 with a program that was deleted or replaced',
    ])
    expect(deletedProgram.check(situation({ records, owners }))).toEqual([])
  })
})

describe('sharedListener', () => {
  const owners = { 1: [NODE, { pid: 9, fd: 3, name: 'sleep' }] }
  const waiting = { records: [listener(1, undefined, { receiveQueue: 2 })], owners }

  it('speaks only where connections wait at both looks', () => {
    expect(sharedListener.check(situation(waiting, waiting))).toHaveLength(1)
    expect(sharedListener.check(situation(waiting, { records: [listener(1)], owners }))).toEqual([])
    expect(sharedListener.check(situation({ records: [listener(1)], owners }, waiting))).toEqual([])
  })

  it('is silent about the workers of one program', () => {
    const workers = { ...waiting, owners: { 1: [NGINX, { ...NGINX, pid: 801 }] } }
    expect(sharedListener.check(situation(workers, workers))).toEqual([])
  })
})

describe('reuseportGroup', () => {
  const owners = { 1: [NGINX], 2: [{ ...NGINX, pid: 801 }] }

  it('finds a member at which connections wait', () => {
    const records = [listener(1, undefined, { receiveQueue: 40 }), listener(2)]
    const [found] = reuseportGroup.check(situation({ records, owners }))
    expect(found?.summary).toBe(
      'one of 2 listeners on 127.0.0.1:8080 does not accept: 40 wait there, 0 at another',
    )
  })

  it('is silent about workers that share their work', () => {
    const records = [listener(1, undefined, { receiveQueue: 2 }), listener(2)]
    expect(reuseportGroup.check(situation({ records, owners }))).toEqual([])
  })

  it('is silent about one address on two interfaces', () => {
    const records = [
      listener(1, undefined, { interfaceIndex: 1 }),
      listener(2, undefined, { interfaceIndex: 2 }),
    ]
    expect(reuseportGroup.check(situation({ records, owners: { 1: [NODE], 2: [NGINX] } }))).toEqual(
      [],
    )
  })
})

describe('localhostSplit', () => {
  const records = [listener(1, '0.0.0.0:3000'), listener(2, '[::1]:3000')]

  it('finds two programs, and two copies of one', () => {
    expect(
      localhostSplit.check(situation({ records, owners: { 1: [NODE], 2: [NGINX] } })),
    ).toHaveLength(1)
    const copies = { 1: [NODE], 2: [{ ...NODE, pid: 4712 }] }
    expect(localhostSplit.check(situation({ records, owners: copies }))).toHaveLength(1)
  })

  it('is silent about one server on both, workers of one, and unknown owners', () => {
    const worker = { ...NGINX, pid: 801 }
    for (const owners of [
      { 1: [NODE], 2: [NODE] },
      { 1: [NGINX], 2: [NGINX, worker] },
      { 1: [NGINX, worker], 2: [{ ...NGINX, pid: 802 }] },
      { 1: [NODE] },
    ]) {
      expect(localhostSplit.check(situation({ records, owners }))).toEqual([])
    }
  })

  it('is silent about two ports', () => {
    const apart = [listener(1, '127.0.0.1:3000'), listener(2, '[::1]:3001')]
    expect(
      localhostSplit.check(situation({ records: apart, owners: { 1: [NODE], 2: [NGINX] } })),
    ).toEqual([])
  })
})
