import { readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  listNamespaces,
  namedInode,
  readNamespaceInode,
} from '../../../src/inspect/namespaces/list.ts'
import {
  canNameNetworks,
  type NamedNetwork,
  namedNetwork,
} from '../../support/network-namespace.ts'

const isLinux = process.platform === 'linux'

describe.skipIf(!isLinux)('listNamespaces', () => {
  it('begins with its own, which has no process to be read by', () => {
    const [own] = listNamespaces('/proc', []).namespaces
    expect(`net:[${own?.inode}]`).toBe(readlinkSync('/proc/self/ns/net'))
    expect(own).toMatchObject({ file: '/proc/self/ns/net', pid: undefined, name: undefined })
  })

  it('takes no ordinary file for a namespace', () => {
    expect(namedInode('/etc/passwd')).toBeUndefined()
    expect(namedInode('/no/such/file')).toBeUndefined()
    expect(() => readNamespaceInode('/no/such/file')).toThrow(/ENOENT/)
  })

  it('fails when there is no such /proc', () => {
    expect(() => listNamespaces('/no/proc', [])).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_FOUND' }),
    )
  })

  describe.skipIf(!canNameNetworks)('with another', () => {
    let network: NamedNetwork

    beforeAll(async () => {
      network = await namedNetwork(`sockctl-list-${process.pid}`)
    })
    afterAll(() => network?.close())

    it('tells it once, by its name and the first process in it', () => {
      const inode = readNamespaceInode(`/proc/${network.pid}/ns/net`)
      const found = listNamespaces('/proc').namespaces.filter(one => one.inode === inode)
      expect(found).toEqual([
        { inode, name: network.name, pid: network.pid, file: `/proc/${network.pid}/ns/net` },
      ])
    })

    it('knows it without a name where nothing names it', () => {
      const found = listNamespaces('/proc', []).namespaces.find(one => one.pid === network.pid)
      expect(found?.name).toBeUndefined()
    })
  })
})
