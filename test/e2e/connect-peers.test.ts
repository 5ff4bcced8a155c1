import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { freePort, killPeersAfterEach, startPeer } from '../support/peer-process.ts'
import { hasPeer } from '../support/peers.ts'
import { Sockctl, sockctl } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()
killPeersAfterEach()

const folder = mkdtempSync(join(tmpdir(), 'sockctl-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LISTENERS: Readonly<Record<string, (port: number) => readonly string[]>> = {
  'nc.openbsd': port => ['nc.openbsd', '-lv', '127.0.0.1', `${port}`],
  'nc.traditional': port => ['nc.traditional', '-lvp', `${port}`],
  ncat: port => ['ncat', '-lv', '127.0.0.1', `${port}`],
  socat: port => ['socat', '-d', '-d', '-t', '5', `TCP-LISTEN:${port},bind=127.0.0.1`, '-'],
}

const READY = /listening on/i

describe.each(Object.entries(LISTENERS))('connect and %s as a server', (name, command) => {
  it.skipIf(!hasPeer(name))('talk both ways', async () => {
    const port = await freePort()
    const { child, received } = await startPeer(command(port), READY)
    const run = new Sockctl(['connect', `127.0.0.1:${port}`])
    child.stdin.write('from the server\n')
    await run.says('stdout', /from the server/)
    run.child.stdin?.end('from the client\n')
    child.stdin.end()
    expect((await run.outcome()).code).toBe(0)
    expect(await received).toBe('from the client\n')
  })

  it.skipIf(!hasPeer(name))('pass a file to one that has nothing to say itself', async () => {
    const port = await freePort()
    const { child, received } = await startPeer(command(port), READY)
    // ncat and socat send their FIN now: it must not end the upload.
    child.stdin.end()
    const file = 'x'.repeat(3_000_000)
    expect((await sockctl(['connect', `127.0.0.1:${port}`], { stdin: file })).code).toBe(0)
    expect((await received).length).toBe(file.length)
  })
})

describe.skipIf(!hasPeer('redis-server'))('connect and redis-server', () => {
  it('ask one thing, and have the answer', async () => {
    const path = join(folder, 'redis.sock')
    const options = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', folder]
    await startPeer(['redis-server', ...options], /ready to accept connections/i)
    const ask = (...argv: string[]) => sockctl(['connect', '-U', path, ...argv])
    expect(await ask('--send', 'PING\\r\\n')).toMatchObject({ code: 0, stdout: '+PONG\r\n' })
    const expected = await ask('--send', 'PING\\r\\n', '--expect', '+PONG')
    expect(expected).toMatchObject({ code: 0, stdout: '+PONG\r\n' })
    const pipelined = await ask('--send', 'SET a 1\\r\\n', '--send', 'GET a\\r\\n', '--lines', '3')
    expect(pipelined).toMatchObject({ code: 0, stdout: '+OK\r\n$1\r\n1\r\n' })
  })
})

const run = promisify(execFile)

describe.skipIf(!hasPeer('nc.openbsd'))('connect -z beside nc -z', () => {
  async function both(args: readonly string[]) {
    const nc = await run('nc.openbsd', ['-zv', ...args]).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }) => ({ code: Number(code), stderr: String(stderr) }),
    )
    const ours = await sockctl(['connect', '-zv', ...args])
    const succeeded = (text: string): string[] =>
      text.split('\n').filter(line => line.endsWith('succeeded!'))
    return { nc, ours, ncOpen: succeeded(nc.stderr), oursOpen: succeeded(ours.stderr) }
  }

  it('finds the same ports open, in the same words', async () => {
    const open = await tcpServer()
    const closed = await freePort()
    for (const ports of [[open.port], [closed, open.port], [`${open.port}-${open.port + 2}`]]) {
      const { nc, ours, ncOpen, oursOpen } = await both(['127.0.0.1', ...ports.map(String)])
      expect(oursOpen).toEqual(ncOpen)
      expect(oursOpen.length).toBeGreaterThan(0)
      expect([nc.code, ours.code]).toEqual([0, 0])
    }
  })

  it('is not 0 either when none is open', async () => {
    const { nc, ours } = await both(['127.0.0.1', `${await freePort()}`])
    expect(nc.code).toBe(1)
    expect(ours.code).toBe(4)
    expect(nc.stderr).toContain('failed: Connection refused')
    expect(ours.stderr).toContain('failed: Connection refused')
  })
})
