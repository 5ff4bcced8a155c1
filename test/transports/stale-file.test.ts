import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UnixEndpoint } from '../../src/endpoint/types.ts'
import { listen } from '../../src/transports/index.ts'
import { hasPeer } from '../support/peers.ts'
import { endPortHoldersAfterEach, holdPort } from '../support/port-holder.ts'
import { leaveSocket } from '../support/stale-socket.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'
import { unixClients } from '../support/unix-clients.ts'

closeServersAfterEach()
endPortHoldersAfterEach()

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-replace-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const at = (path: string): UnixEndpoint => ({ scheme: 'unix', path })

describe('a listener by the path of a unix socket', () => {
  it('replaces the file of a server that was killed', async () => {
    const path = leaveSocket(join(folder, 'stale'))
    const listener = await listen(at(path))
    expect(listener.addresses).toEqual([{ family: 'unix', path }])
    await listener.close()
  })

  it('leaves what is no socket, and where somebody answers', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await expect(listen(at(file))).rejects.toMatchObject({
      code: 'ERR_IN_USE',
      message: `cannot listen on unix:${file}: a file that is not a socket stands there`,
    })
    const path = join(folder, 'alive')
    await tcpServer(undefined, { path })
    await expect(listen(at(path))).rejects.toMatchObject({
      code: 'ERR_IN_USE',
      message: `cannot listen on unix:${path}: address in use (EADDRINUSE)`,
      cause: { address: path },
    })
  })

  describe.runIf(process.platform === 'linux' && hasPeer('python3'))('of other processes', () => {
    it('leaves the file of a socket that is bound and does not listen yet', async () => {
      await holdPort(['python3', '-c', unixClients(folder)])
      const path = join(folder, 'bound')
      const { ino } = lstatSync(path)
      for (const typed of [path, relative('.', path)]) {
        await expect(listen(at(typed))).rejects.toMatchObject({
          code: 'ERR_IN_USE',
          message: `cannot listen on unix:${typed}: a process has bound it, and does not listen yet (EADDRINUSE)`,
          cause: { address: typed },
        })
      }
      expect(lstatSync(path).ino).toBe(ino)
    })

    it('replaces that of a listener that was closed while a connection goes on', async () => {
      await holdPort(['python3', '-c', unixClients(folder)])
      const listener = await listen(at(join(folder, 'closed')))
      await listener.close()
    })
  })
})
