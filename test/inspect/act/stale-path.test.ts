import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { probePath, removeStalePath } from '../../../src/inspect/act/stale-path.ts'
import { hasPeer } from '../../support/peers.ts'
import { endPortHoldersAfterEach, holdPort } from '../../support/port-holder.ts'
import { leaveSocket } from '../../support/stale-socket.ts'
import { unixClients } from '../../support/unix-clients.ts'

endPortHoldersAfterEach()

const uid = process.getuid?.()
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-stale-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('probePath', () => {
  it('finds nothing, what is no socket, and what only points at one', async () => {
    const path = join(folder, 'plain')
    expect(await probePath(path, uid)).toEqual({ kind: 'missing' })
    writeFileSync(path, '')
    expect(await probePath(path, uid)).toEqual({ kind: 'other file' })
    const link = join(folder, 'link')
    symlinkSync(leaveSocket(join(folder, 'target')), link)
    expect(await probePath(link, uid)).toEqual({ kind: 'other file' })
  })

  it('finds a server alive', async () => {
    const path = join(folder, 'alive')
    const server = createServer().listen(path)
    await once(server, 'listening')
    expect(await probePath(path, uid)).toEqual({ kind: 'alive' })
    server.close()
  })

  it.skipIf(process.platform !== 'linux' || !hasPeer('python3'))(
    'finds a socket that is bound and does not listen yet',
    async () => {
      const path = join(folder, 'bound')
      const holder = await holdPort([
        'python3',
        '-c',
        `import socket, sys
door = socket.socket(socket.AF_UNIX)
door.bind(${JSON.stringify(path)})
print(1, flush=True)
sys.stdin.read()`,
      ])
      expect(await probePath(path, uid)).toEqual({ kind: 'bound' })
      expect(await removeStalePath(path, { found: lstatSync(path), uid })).toEqual({
        kind: 'bound',
      })
      holder.child.kill('SIGKILL')
      await holder.ended
      expect(await probePath(path, uid)).toMatchObject({ kind: 'stale' })
    },
  )

  it.skipIf(process.platform !== 'linux' || !hasPeer('python3'))(
    'finds the name of a client alive, and stale that of a listener whose connections go on',
    async () => {
      await holdPort(['python3', '-c', unixClients(folder)])
      for (const name of ['client', 'orphan']) {
        const path = join(folder, name)
        expect(await probePath(path, uid)).toEqual({ kind: 'connected' })
        expect(await removeStalePath(path, { found: lstatSync(path), uid })).toEqual({
          kind: 'connected',
        })
        expect(existsSync(path)).toBe(true)
      }
      expect(await probePath(join(folder, 'closed'), uid)).toMatchObject({ kind: 'stale' })
    },
  )

  it('finds a file stale whose server has gone, and says when it is another user’s', async () => {
    const path = leaveSocket(join(folder, 'stale'))
    expect(await probePath(path, uid)).toMatchObject({ kind: 'stale' })
    const others = await probePath(path, (uid ?? 0) + 1)
    expect(others).toEqual({ kind: 'other user', uid })
  })
})

describe('removeStalePath', () => {
  it('removes what is still stale', async () => {
    const path = leaveSocket(join(folder, 'old'))
    expect(await removeStalePath(path, { found: lstatSync(path), uid })).toBe('removed')
    expect(existsSync(path)).toBe(false)
  })

  it('leaves what somebody else has put there since, answering or not', async () => {
    const path = leaveSocket(join(folder, 'again'))
    const found = lstatSync(path)
    // Both are there at once, so that the second has another inode.
    const other = leaveSocket(join(folder, 'other'))
    spawnSync('mv', [other, path])
    expect(await removeStalePath(path, { found, uid })).toEqual({ kind: 'alive' })
    expect(existsSync(path)).toBe(true)
    rmSync(path)
    const server = createServer().listen(path)
    await once(server, 'listening')
    expect(await removeStalePath(path, { found, uid })).toEqual({ kind: 'alive' })
    server.close()
  })
})
