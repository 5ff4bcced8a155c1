import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { formatAddress } from '../../src/address.ts'
import { parseEndpoint } from '../../src/endpoint/parse.ts'
import { SockctlError } from '../../src/errors.ts'
import { dial, listen } from '../../src/transports/index.ts'
import type { DialAttempt, DialOptions } from '../../src/transports/types.ts'
import { within } from '../support/deadline.ts'
import { hasPeer } from '../support/peers.ts'
import { readAll } from '../support/read-all.ts'
import { endStoppedServersAfterEach, stoppedServer } from '../support/stopped-server.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()
endStoppedServersAfterEach()

const onLinux = process.platform === 'linux'
const folder = mkdtempSync(join(tmpdir(), 'sockctl-dial-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function failure(endpoint: string, options?: DialOptions): Promise<SockctlError> {
  const dialling = dial(parseEndpoint(endpoint), options)
  const error = await within(
    8000,
    'a failure',
    dialling.then(String, one => one),
  )
  expect(error).toBeInstanceOf(SockctlError)
  return error
}

describe('dial tcp', () => {
  it.each(['127.0.0.1', '::1'])(
    'finds a server of localhost that stands on %s alone',
    async host => {
      const { port } = await tcpServer(peer => peer.end('hello'), { host })
      const channel = await dial(parseEndpoint(`localhost:${port}`))
      expect(channel.remote).toMatchObject({ host, port })
      expect(channel.local).toMatchObject({ host })
      expect((await readAll(channel.duplex)).toString()).toBe('hello')
      channel.duplex.destroy()
    },
  )

  it('keeps our side open when the peer ends its own', async () => {
    const { port, accepted } = await tcpServer(peer => peer.end())
    const [peer, channel] = await Promise.all([accepted(), dial(parseEndpoint(`:${port}`))])
    await readAll(channel.duplex)
    channel.duplex.end('late')
    expect((await readAll(peer)).toString()).toBe('late')
  })

  it('names every address when all refuse', async () => {
    const { port, server } = await tcpServer()
    await new Promise(resolve => server.close(resolve))
    const error = await failure(`localhost:${port}`)
    expect(error.code).toBe('ERR_REFUSED')
    expect(error.message).toBe(
      `cannot connect to tcp://localhost:${port}: connection refused (ECONNREFUSED)`,
    )
    expect(error.hints).toEqual([
      `Tried [::1]:${port} (ECONNREFUSED) and 127.0.0.1:${port} (ECONNREFUSED).`,
    ])
  })

  it('looks behind an address that this machine has no way to', async () => {
    const { port, server } = await tcpServer()
    await new Promise(resolve => server.close(resolve))
    const resolve = async () =>
      [
        { family: 'ipv6', host: '2001:db8::1', port },
        { family: 'ipv4', host: '127.0.0.1', port },
      ] as const
    const error = await failure(`there:${port}`, { resolve, timeoutMs: 4000 })
    expect(error.code).toBe('ERR_REFUSED')
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('prefers a reset to a refusal: somebody was there', async () => {
    const { port } = await tcpServer(peer => peer.resetAndDestroy())
    // The reset is there before the connection has been noticed.
    const error = await failure(`localhost:${port}`)
    expect(error.code).toBe('ERR_RESET')
    expect(error.hints.join()).toContain(`[::1]:${port} (ECONNREFUSED)`)
  })

  it.skipIf(!onLinux)('gives up after the timeout, and says what it tried', async () => {
    const { port } = await stoppedServer('127.0.0.1')
    const error = await failure(`127.0.0.1:${port}`, { timeoutMs: 100 })
    expect(error.code).toBe('ERR_TIMEOUT')
    expect(error.message).toContain('no answer in 100 ms')
    expect(error.hints[0]).toBe(`Tried 127.0.0.1:${port} (no answer).`)
  })

  it('counts looking the name up in the timeout', async () => {
    const resolve = () => new Promise<never>(() => {})
    const error = await failure('slow.example:80', { resolve, timeoutMs: 50 })
    expect(error.code).toBe('ERR_TIMEOUT')
    expect(error.message).toBe('cannot look up slow.example: no answer in 50 ms')
  })

  it('connects from the address and port that it is given', async () => {
    const { port, accepted } = await tcpServer()
    const attempts: DialAttempt[] = []
    const [peer, channel] = await Promise.all([
      accepted(),
      dial(parseEndpoint(`localhost:${port}`), {
        localHost: '127.0.0.1',
        onAttempt: one => attempts.push(one),
      }),
    ])
    expect(attempts.map(one => formatAddress(one.address))).toEqual([`127.0.0.1:${port}`])
    expect(peer.remoteAddress).toBe('127.0.0.1')
    channel.duplex.destroy()
  })

  it('says when the address to connect from is the one at fault', async () => {
    const error = await failure('127.0.0.1:9', { localHost: '192.0.2.1' })
    expect(error.code).toBe('ERR_NOT_FOUND')
    expect(error.message).toContain('tcp://127.0.0.1:9 from 192.0.2.1: this machine has no such')
  })

  it('says when source and target are of different families', async () => {
    const error = await failure('127.0.0.1:9', { localHost: '::1' })
    expect(error.code).toBe('ERR_NOT_FOUND')
    expect(error.message).toContain('127.0.0.1 has no IPv6 address that could be reached from ::1')
  })
})

describe('dial unix', () => {
  it('talks to a socket by its path', async () => {
    const path = join(folder, 'a.sock')
    await tcpServer(peer => peer.end('hello'), { path })
    const channel = await dial(parseEndpoint(`unix:${path}`))
    expect(channel.remote).toEqual({ family: 'unix', path })
    expect((await readAll(channel.duplex)).toString()).toBe('hello')
    channel.duplex.destroy()
  })

  it('tells a file without a server from a missing file', async () => {
    const path = join(folder, 'stale.sock')
    const { server } = await tcpServer(undefined, { path })
    // As after a crash: the name stays when the server goes.
    const stale = join(folder, 'left.sock')
    linkSync(path, stale)
    await new Promise(resolve => server.close(resolve))
    const refused = await failure(`unix:${stale}`)
    expect(refused.code).toBe('ERR_REFUSED')
    expect(refused.hints).toEqual([
      'The file exists, but nobody listens on it: its server has gone.',
    ])
    const missing = await failure(`unix:${path}`)
    expect(missing).toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: `cannot connect to unix:${path}: no such file or folder (ENOENT)`,
      hints: ['Its server does not run, or is elsewhere. Those that listen: sockctl inspect -xl'],
    })
  })

  it.skipIf(!onLinux)('says what a path is that is no socket', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const kinds = {
      [folder]: 'folder',
      [file]: 'file',
      [pipe]: 'named pipe',
      '/dev/null': 'device',
    }
    for (const [path, kind] of Object.entries(kinds)) {
      expect(await failure(`unix:${path}`)).toMatchObject({
        code: 'ERR_USAGE',
        message: `cannot connect to unix:${path}: that is a ${kind}, not a socket`,
        hints: ['The sockets that somebody listens on: sockctl inspect -xl'],
      })
    }
  })

  it.skipIf(!onLinux || !hasPeer('python3'))('says that a socket is of another type', async () => {
    const path = join(folder, 'datagrams.sock')
    const script =
      'import socket, sys; one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); ' +
      'one.bind(sys.argv[1]); print("bound", flush=True); sys.stdin.read()'
    const holder = spawn('python3', ['-c', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    const error = await failure(`unix:${path}`)
    holder.stdin.end()
    await once(holder, 'close')
    expect(error).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: `cannot connect to unix:${path}: that socket takes datagrams or packets, no stream (EPROTOTYPE)`,
    })
  })

  it.skipIf(!onLinux)('waits for a place in a full accept queue, but not for ever', async () => {
    const path = join(folder, 'full.sock')
    const { resume } = await stoppedServer(path)
    const error = await failure(`unix:${path}`, { timeoutMs: 120 })
    expect(error.code).toBe('ERR_TIMEOUT')
    expect(error.message).toContain('its accept queue stays full')
    resume()
    const channel = await dial(parseEndpoint(`unix:${path}`), { timeoutMs: 5000 })
    channel.duplex.destroy()
  })

  it.skipIf(!onLinux)('finds a name in the abstract namespace', async () => {
    const name = parseEndpoint(`unix:@sockctl-test-${process.pid}`)
    const listener = await listen(name)
    const channel = await dial(name)
    expect(channel.remote).toEqual({ family: 'unix', path: `@sockctl-test-${process.pid}` })
    channel.duplex.destroy()
    await listener.close()
    const error = await failure(`unix:@sockctl-test-${process.pid}-not`)
    expect(error.hints).toEqual(['Nobody listens on that name.'])
  })
})

describe('dial', () => {
  it('says what cannot be dialled', async () => {
    expect((await failure('fd:3')).code).toBe('ERR_UNSUPPORTED')
  })
})
