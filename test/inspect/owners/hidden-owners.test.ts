import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hiddenOwners } from '../../../src/inspect/owners/hidden-owners.ts'
import { record } from '../../support/records.ts'

describe('hiddenOwners', () => {
  const records = [
    record({ inode: 1, uid: 0 }),
    record({ inode: 2, uid: 0 }),
    record({ inode: 3, uid: 54_321 }),
    record({ inode: 4, uid: undefined }),
    record({ inode: 5, uid: 1000 }),
    record({ inode: 0, uid: undefined, state: 'time-wait' }),
  ]
  const owners = new Map([[5, [{ pid: 1, fd: 3, name: 'node' }]]])
  const init = { pid: 1, folder: '/no/proc/1', descriptors: 3, uid: 0 }
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    writeFileSync(join(procRoot, 'mounts'), 'proc /proc proc rw,nosuid 0 0\n')
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  it('counts the sockets without a holder by user', () => {
    const viewer = { procRoot, viewerUid: 1000 }
    expect(hiddenOwners(records, { owners, denied: [init] }, viewer)).toEqual([
      {
        code: 'owners-hidden',
        message:
          'the owners of 4 sockets (root 2, uid 54321 1, unknown users 1) are hidden from you: ' +
          'root may see them',
        hidden: [{ uid: 0, sockets: 2 }, { uid: 54_321, sockets: 1 }, { sockets: 1 }],
      },
    ])
  })

  it('speaks of one as one', () => {
    const viewer = { procRoot, viewerUid: 1000 }
    const [warning] = hiddenOwners(records.slice(0, 1), { owners, denied: [init] }, viewer)
    expect(warning?.message).toBe(
      'the owner of 1 socket (root 1) is hidden from you: root may see them',
    )
  })

  it('does not send root to root', () => {
    const viewer = { procRoot, viewerUid: 0 }
    const [warning] = hiddenOwners(records, { owners, denied: [init] }, viewer)
    expect(warning?.message).toMatch(/: here not even root may look into every process$/)
  })

  it.each(['hidepid=2', 'gid=5,hidepid=invisible', 'hidepid=noaccess'])('knows %s', option => {
    writeFileSync(
      join(procRoot, 'mounts'),
      `/dev/sda / ext4 rw 0 0\nproc /proc proc rw,${option} 0 0\n`,
    )
    const viewer = { procRoot, viewerUid: 1000 }
    const [warning] = hiddenOwners(records, { owners, denied: [] }, viewer)
    expect(warning?.message).toMatch(/: \/proc is mounted with hidepid; root may see them$/)
  })

  it('is silent when every process could be looked into', () => {
    const viewer = { procRoot, viewerUid: 1000 }
    expect(hiddenOwners(records, { owners, denied: [] }, viewer)).toEqual([])
    writeFileSync(join(procRoot, 'mounts'), 'proc /proc proc rw,hidepid=0 0 0\n')
    expect(hiddenOwners(records, { owners, denied: [] }, viewer)).toEqual([])
    rmSync(join(procRoot, 'mounts'))
    expect(hiddenOwners(records, { owners, denied: [] }, viewer)).toEqual([])
  })

  it('is silent when every socket has a holder', () => {
    const held = [record({ inode: 5 }), record({ inode: 0 })]
    const viewer = { procRoot, viewerUid: 1000 }
    expect(hiddenOwners(held, { owners, denied: [init] }, viewer)).toEqual([])
  })

  it.each<[string, string, number, number | undefined, boolean]>([
    ['its own user', 'Uid:\t33\t33\t33\t33', 33, 1000, true],
    ['a user that it was', 'Uid:\t0\t33\t0\t33', 33, 1000, true],
    ['root, whose rights it may have given up', 'Uid:\t33\t33\t33\t33', 0, 1000, true],
    ['anybody, for root', 'Uid:\t0\t0\t0\t0', 33, 1000, true],
    ['another user', 'Uid:\t33\t33\t33\t33', 34, 1000, false],
    ['whoever looks, not even for root', 'Uid:\t0\t0\t0\t0', 1000, 1000, false],
    ['whoever looks, when it is his', 'Uid:\t1000\t0\t0\t0', 1000, 1000, true],
    ['nobody knows whom', 'Uid:\t33\t33\t33\t33', 0, undefined, true],
  ])('takes a closed process for a holder of a socket of %s', (_, status, uid, viewerUid, may) => {
    const folder = join(procRoot, '7')
    mkdirSync(folder)
    writeFileSync(join(folder, 'status'), `Name:\tx\n${status}\nGid:\t0\n`)
    const denied = [{ pid: 7, folder, descriptors: 3, uid: 0 }]
    const sockets = [record({ inode: 7, uid })]
    const warnings = hiddenOwners(sockets, { owners, denied }, { procRoot, viewerUid })
    expect(warnings).toHaveLength(may ? 1 : 0)
  })

  it('says where no process can be seen at all', () => {
    const answer = { owners, denied: [], seesNoProcess: true }
    const sockets = [record({ inode: 7, uid: 1000 })]
    const warnings = hiddenOwners(sockets, answer, { procRoot, viewerUid: 1000 })
    const why = `no process can be seen in ${procRoot}: proc(5) has to be mounted there`
    expect(warnings.map(({ code }) => code)).toEqual(['owners-hidden', 'incomplete'])
    expect(warnings.map(({ message }) => message.endsWith(why))).toEqual([true, true])
  })
})
