import { constants } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EnteringLibc, withinNamespace } from '../../../src/inspect/namespaces/enter.ts'
import { readNamespaceInode } from '../../../src/inspect/namespaces/list.ts'
import { type Libc, loadLibc } from '../../../src/native/libc.ts'
import {
  canNameNetworks,
  type NamedNetwork,
  namedNetwork,
} from '../../support/network-namespace.ts'

const AF_INET = 2
const SOCK_STREAM = 1
const OWN = '/proc/thread-self/ns/net'
const isLinux = process.platform === 'linux'

describe.skipIf(!isLinux)('withinNamespace', async () => {
  const load = isLinux ? await loadLibc() : { missing: 'not here' }

  function libc(): Libc {
    if ('libc' in load) return load.libc
    throw new Error(load.missing)
  }

  it('says when there is no such namespace', () => {
    expect(() => withinNamespace(libc(), '/no/netns', () => 0)).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_FOUND' }),
    )
  })

  it('tells why it may not be entered, and makes no socket then', () => {
    const refused: EnteringLibc = {
      ...libc(),
      setns: () => -1,
      socket: () => expect.fail('it is still at home'),
      errno: () => constants.errno.EPERM,
    }
    const seen = withinNamespace(refused, OWN, inside => [inside.socket(1, 1, 0), inside.errno()])
    expect(seen).toEqual([-1, constants.errno.EPERM])
  })

  it('tells why no socket could be made, after it has returned', () => {
    let last = 0
    const failing: EnteringLibc = {
      ...libc(),
      setns() {
        last = 0
        return 0
      },
      socket() {
        last = constants.errno.EMFILE
        return -1
      },
      errno: () => last,
    }
    const seen = withinNamespace(failing, OWN, inside => [inside.socket(1, 1, 0), inside.errno()])
    expect(seen).toEqual([-1, constants.errno.EMFILE])
  })

  it('goes no further when it cannot return', () => {
    let calls = 0
    const stuck: EnteringLibc = {
      ...libc(),
      socket: () => 3,
      setns: () => (++calls === 1 ? 0 : -1),
      errno: () => constants.errno.EPERM,
    }
    expect(() => withinNamespace(stuck, OWN, inside => inside.socket(1, 1, 0))).toThrow(
      'cannot return to the own network namespace (setns: EPERM): nothing more is true',
    )
  })

  describe.skipIf(!canNameNetworks)('in another', () => {
    let network: NamedNetwork

    beforeAll(async () => {
      network = await namedNetwork(`sockctl-enter-${process.pid}`)
    })
    afterAll(() => network?.close())

    it('makes sockets there, and is at home again', () => {
      const { socket, connect, close } = libc()
      const home = readNamespaceInode(OWN)
      const address = Buffer.alloc(16)
      address.writeUInt16LE(AF_INET, 0)
      address.writeUInt16BE(network.port, 2)
      address.set([127, 0, 0, 1], 4)
      const there = withinNamespace(libc(), `/run/netns/${network.name}`, inside =>
        inside.socket(AF_INET, SOCK_STREAM, 0),
      )
      const here = socket(AF_INET, SOCK_STREAM, 0)
      try {
        expect(readNamespaceInode(OWN)).toBe(home)
        expect(connect(there, address)).toBe(0)
        expect(readNamespaceInode(OWN)).toBe(home)
        expect(here).toBeGreaterThan(0)
      } finally {
        close(there)
        close(here)
      }
    })
  })
})
