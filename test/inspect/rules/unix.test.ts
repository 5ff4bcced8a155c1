import { describe, expect, it } from 'vitest'
import { unixBacklogFull, unixStalePath } from '../../../src/inspect/rules/unix.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { unixSocket } from '../../support/records.ts'
import { NGINX, NODE, situation } from '../../support/situation.ts'

const door = (inode: number, path: string, parts: Partial<SocketRecord> = {}) =>
  unixSocket(path, {
    state: 'listen',
    inode,
    cookie: BigInt(inode),
    unix: { type: 'stream', peerInode: undefined },
    ...parts,
  })

describe('unixBacklogFull', () => {
  const full = {
    records: [door(1, '/run/s', { receiveQueue: 5, sendQueue: 4 })],
    owners: { 1: [NODE] },
  }

  it('warns of one more than the limit; a stopped process makes it a problem', () => {
    expect(unixBacklogFull.check(situation(full))[0]?.severity).toBe('warning')
    const [found] = unixBacklogFull.check(
      situation({ ...full, processes: [{ pid: 4711, state: 'stopped' }] }),
    )
    expect(found?.severity).toBe('problem')
    expect(found?.advice[0]?.command).toBe('kill -CONT 4711')
    const less = { records: [door(1, '/run/s', { receiveQueue: 4, sendQueue: 4 })] }
    expect(unixBacklogFull.check(situation(less))).toEqual([])
  })
})

describe('unixStalePath', () => {
  it('finds a file that is gone', () => {
    const scene = { records: [door(1, '/run/s')], owners: { 1: [NODE] } }
    const missingPaths = ['/run/s']
    const [found] = unixStalePath.check(situation({ ...scene, missingPaths }))
    expect(found?.evidence).toEqual(['there is no file at that path any more'])
    expect(unixStalePath.check(situation(scene))).toEqual([])
  })

  it('finds the older of two with one path, unless each sees files of its own', () => {
    const records = [door(2, '/run/s'), door(1, '/run/s')]
    const owners = { 1: [NODE], 2: [NGINX] }
    const found = unixStalePath.check(situation({ records, owners }))
    expect(found.map(({ summary }) => summary)).toEqual([
      'node (pid 4711) listens on /run/s, where no client can reach it',
    ])
    expect(unixStalePath.check(situation({ records, owners, sharesFiles: false }))).toEqual([])
  })

  it('is silent about names that are no files, and about unknown owners', () => {
    for (const path of ['@abstract', '']) {
      const scene = { records: [door(1, path)], owners: { 1: [NODE] }, missingPaths: [path] }
      expect(unixStalePath.check(situation(scene))).toEqual([])
    }
    const unknown = { records: [door(1, '/run/s')], missingPaths: ['/run/s'] }
    expect(unixStalePath.check(situation(unknown))).toEqual([])
  })
})
