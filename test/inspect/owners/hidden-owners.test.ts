import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
    expect(hiddenOwners(records, { owners, deniedProcesses: 3 }, viewer)).toEqual([
      {
        code: 'owners-hidden',
        message:
          'the owners of 4 sockets (root 2, uid 54321 1, unknown users 1) are hidden from you: ' +
          'root may see them',
        hidden: [{ uid: 0, sockets: 2 }, { uid: 54_321, sockets: 1 }, { sockets: 1 }],
      },
    ])
  })

  it('does not send root to root', () => {
    const viewer = { procRoot, viewerUid: 0 }
    const [warning] = hiddenOwners(records, { owners, deniedProcesses: 1 }, viewer)
    expect(warning?.message).toMatch(/: here not even root may look into every process$/)
  })

  it.each(['hidepid=2', 'gid=5,hidepid=invisible', 'hidepid=noaccess'])('knows %s', option => {
    writeFileSync(
      join(procRoot, 'mounts'),
      `/dev/sda / ext4 rw 0 0\nproc /proc proc rw,${option} 0 0\n`,
    )
    const viewer = { procRoot, viewerUid: 1000 }
    const [warning] = hiddenOwners(records, { owners, deniedProcesses: 0 }, viewer)
    expect(warning?.message).toMatch(/: \/proc is mounted with hidepid; root may see them$/)
  })

  it('is silent when every process could be looked into', () => {
    const viewer = { procRoot, viewerUid: 1000 }
    expect(hiddenOwners(records, { owners, deniedProcesses: 0 }, viewer)).toEqual([])
    writeFileSync(join(procRoot, 'mounts'), 'proc /proc proc rw,hidepid=0 0 0\n')
    expect(hiddenOwners(records, { owners, deniedProcesses: 0 }, viewer)).toEqual([])
    rmSync(join(procRoot, 'mounts'))
    expect(hiddenOwners(records, { owners, deniedProcesses: 0 }, viewer)).toEqual([])
  })

  it('is silent when every socket has a holder', () => {
    const held = [record({ inode: 5 }), record({ inode: 0 })]
    const viewer = { procRoot, viewerUid: 1000 }
    expect(hiddenOwners(held, { owners, deniedProcesses: 9 }, viewer)).toEqual([])
  })
})
