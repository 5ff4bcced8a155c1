import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findNamespaces, namespaceOf } from '../../../src/inspect/namespaces/find.ts'
import {
  canNameNetworks,
  type NamedNetwork,
  namedNetwork,
} from '../../support/network-namespace.ts'

const find = async (which: string) =>
  (await findNamespaces({ which, procRoot: '/proc' })).namespaces

describe.skipIf(process.platform !== 'linux')('findNamespaces', () => {
  it('finds that of a process, and the same by its number', async () => {
    const [own] = await find(String(process.pid))
    expect(own).toMatchObject({ pid: process.pid, file: `/proc/${process.pid}/ns/net` })
    expect(`net:[${own?.inode}]`).toBe(readlinkSync('/proc/self/ns/net'))
    expect((await find(String(own?.inode)))[0]?.inode).toBe(own?.inode)
  })

  it.each([
    ['4194303', 'there is no process 4194303'],
    ['4026999999', 'there is no network namespace 4026999999'],
    ['no-such-name', 'there is no network namespace or container no-such-name'],
    ['../netns/x', 'there is no network namespace or container ../netns/x'],
  ])('says that there is no %s', async (which, message) => {
    await expect(find(which)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', message })
    expect(() => namespaceOf(4194303, '/proc')).toThrow('there is no process 4194303')
  })

  it('says that an empty /proc tells of none', async () => {
    const procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    try {
      const all = findNamespaces({ which: 'all', procRoot, namedFolders: [] })
      await expect(all).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    } finally {
      rmSync(procRoot, { recursive: true })
    }
  })

  describe.skipIf(!canNameNetworks)('with another', () => {
    let network: NamedNetwork

    beforeAll(async () => {
      network = await namedNetwork(`sockctl-find-${process.pid}`)
    })
    afterAll(() => network?.close())

    it('finds it by its name, and by a process in it', async () => {
      const { name, pid } = network
      const { inode } = namespaceOf(pid, '/proc')
      expect(await find(name)).toEqual([
        { inode, name, file: `/run/netns/${name}`, pid: undefined },
      ])
      expect(await find(String(pid))).toMatchObject([{ inode, name, pid }])
      expect((await find('all')).map(one => one.inode)).toContain(inode)
    })

    it('names those that there are', async () => {
      await expect(find('nope')).rejects.toMatchObject({
        hints: [expect.stringContaining(network.name), expect.stringContaining('--netns all')],
      })
    })
  })
})
