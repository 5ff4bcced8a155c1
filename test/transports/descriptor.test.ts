import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, linkSync, openSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadLibc } from '../../src/native/libc.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, newFolder } from '../support/serve-session.ts'

endSessionsAfterEach()

interface Held {
  readonly fd: number
  close(): void
}

const AF_INET = 2
const SOCK_STREAM = 1
const SOCK_DGRAM = 2

/** A socket that nothing has been done to. */
async function rawSocket(type: number): Promise<Held> {
  const loaded = await loadLibc()
  if (!('libc' in loaded)) throw new Error(loaded.missing)
  const { libc } = loaded
  const fd = libc.socket(AF_INET, type, 0)
  return { fd, close: () => libc.close(fd) }
}

/** The descriptor beneath what Node has made. */
function fdOf(holder: object): number {
  return (holder as { readonly _handle: { readonly fd: number } })._handle.fd
}

/** Passes a descriptor on to a server of its own, as number 3. */
function serveOn(fd: number) {
  const child = spawn(process.execPath, ['bin/sockctl.js', 'serve', 'fd:3', '--once'], {
    stdio: ['ignore', 'ignore', 'pipe', fd],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const said = readAll(child.stderr as unknown as Socket)
  const end = async () => {
    const [code] = await within(8000, 'the end of serve', once(child, 'close'))
    return { code, stderr: (await said).toString() }
  }
  return { child, end: end() }
}

async function listening(where: object): Promise<Server> {
  const server = createServer().listen(where)
  await once(server, 'listening')
  return server
}

describe.runIf(process.platform !== 'win32')('a server on an inherited descriptor', () => {
  it.each(['tcp', 'unix'])('accepts on a %s socket that listens', async kind => {
    const folder = newFolder()
    const path = join(folder, 's')
    const server = await listening(kind === 'unix' ? { path } : { port: 0, host: '127.0.0.1' })
    const { child, end } = serveOn(fdOf(server))
    await once(child.stderr as Socket, 'data')
    const address = server.address() as { port: number } | string
    // It would accept too. A unix socket that is closed here loses its name, but not its other one.
    if (kind === 'unix') linkSync(path, join(folder, 'other'))
    server.close()
    const client = await dialRaw(typeof address === 'string' ? join(folder, 'other') : address.port)
    client.end('hello')
    expect((await readAll(client)).toString()).toBe('hello')
    const { code, stderr } = await end
    expect(stderr).toContain(
      typeof address === 'string'
        ? `echo on unix:${path}\n`
        : `echo on tcp://127.0.0.1:${address.port}\n`,
    )
    expect(code).toBe(0)
  })

  it.each<[string, (folder: string) => Promise<Held>, RegExp]>([
    [
      'a TCP socket that is not bound, and would be to every address',
      () => rawSocket(SOCK_STREAM),
      /that socket is not bound to an address/,
    ],
    [
      'a TCP connection',
      async () => {
        const server = await listening({ port: 0, host: '127.0.0.1' })
        const client = await dialRaw((server.address() as { port: number }).port)
        return { fd: fdOf(client), close: () => server.close() }
      },
      /that socket is connected/,
    ],
    [
      'a unix connection',
      async folder => {
        const path = join(folder, 's')
        const server = await listening({ path })
        const client = await dialRaw(path)
        return { fd: fdOf(client), close: () => server.close() }
      },
      /that socket has no name, or is connected/,
    ],
    ['a UDP socket', () => rawSocket(SOCK_DGRAM), /that is not a stream socket/],
    ...[
      ['/dev/null', 'a device'],
      ['package.json', 'a file'],
      ['src', 'a folder'],
    ].map(([path = '', what]): [string, () => Promise<Held>, RegExp] => [
      path,
      async () => {
        const fd = openSync(path, 'r')
        return { fd, close: () => closeSync(fd) }
      },
      new RegExp(`that is ${what}, not a socket`),
    ]),
  ])('refuses %s', async (_, open, reason) => {
    const { fd, close } = await open(newFolder())
    const { end } = serveOn(fd)
    const { code, stderr } = await end
    close()
    expect(stderr).toMatch(/^sockctl: cannot listen on fd:3: /)
    expect(stderr).toMatch(reason)
    expect(code).toBe(2)
  })
})
