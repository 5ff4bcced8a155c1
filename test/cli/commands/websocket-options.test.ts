import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { within } from '../../support/deadline.ts'
import { type Sockctl, sockctl, startServe } from '../../support/sockctl.ts'

const running: Sockctl[] = []
const servers: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
  for (const one of servers.splice(0)) one.close()
})

async function serve(argv: readonly string[]) {
  const started = await startServe(['--ws', ...argv])
  running.push(started.server)
  return { ...started, url: `ws://127.0.0.1:${started.port}` }
}

/** A server of the package `ws` alone, that does this with each client. */
async function bareServer(act: (peer: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  servers.push({
    close() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  })
  server.on('connection', act)
  await once(server, 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('sockctl connect ws://', () => {
  it('sends a line a message, and shows a message a line', async () => {
    const url = await bareServer(peer => {
      // Late: who closed at the end of stdin would not hear it.
      peer.on('message', data => setTimeout(() => peer.send(`you said ${data}`), 100))
    })
    const { code, stdout } = await sockctl(['connect', url], { stdin: 'one\ntwo\n' })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'you said one\nyou said two\n' })
  })

  it('takes each --send for a message, and stops after so many', async () => {
    const { url, server } = await serve([])
    const { code, stdout } = await sockctl([
      ...['connect', url, '--send', 'a\\nb', '--send', 'c', '--lines', '3'],
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\nb\nc\n' })
    await server.says(
      'stderr',
      /in 4 B \(2 messages\) {2}out 4 B \(2 messages\).*closed by peer: 1000/,
    )
  })

  it('sends what it is told to send with the handshake', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    servers.push(server)
    const asked = new Promise<unknown>(resolve => {
      server.on('upgrade', ({ headers }, socket) => {
        resolve(headers)
        socket.destroy()
      })
    })
    await once(server, 'listening')
    const { code, stderr } = await sockctl(
      [
        ...['connect', `ws://127.0.0.1:${(server.address() as AddressInfo).port}`],
        ...['--header', 'Authorization: Bearer env:SECRET', '--header', 'X-Room: 7'],
        ...['--subprotocol', 'chat', '--origin', 'https://app.example'],
      ],
      { env: { SECRET: 's3cret' } },
    )
    expect(await within(5000, 'a request', asked)).toMatchObject({
      authorization: 'Bearer s3cret',
      'x-room': '7',
      origin: 'https://app.example',
      'sec-websocket-protocol': 'chat',
    })
    expect(code).toBe(6)
    expect(stderr).not.toContain('s3cret')
  })

  it.each([
    [1001, 'bye', 0, 'closed by the peer: 1001 going away: bye'],
    [1011, 'out of memory', 4, 'closed after 3 bytes: 1011 internal error: out of memory'],
    [4001, '\u001b[2J', 4, '4001: \\x1b[2J'],
  ])('tells that the peer has closed with %i', async (status, reason, code, told) => {
    const url = await bareServer(peer => {
      peer.send('hi')
      peer.close(status, reason)
    })
    const outcome = await sockctl(['connect', url, '-d'])
    expect(outcome).toMatchObject({ code, stdout: 'hi\n' })
    expect(outcome.stderr).toContain(told)
  })

  it('fails when the connection breaks without a close frame', async () => {
    const url = await bareServer(peer => peer.send('hi', () => peer.terminate()))
    const { code, stdout, stderr } = await sockctl(['connect', url, '-d'])
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'hi\n' })
    expect(stderr).toContain('reset the connection after 3 bytes (1006 no close frame)')
  })

  it('is refused like any connection', async () => {
    const { code, stderr } = await sockctl(['connect', 'ws://127.0.0.1:1/x'])
    expect(code).toBe(4)
    expect(stderr).toContain('cannot connect to')
  })

  it('has no options of WebSockets for other connections', async () => {
    const { code, stderr } = await sockctl(['connect', 'localhost:1', '--subprotocol', 'x'])
    expect(code).toBe(2)
    expect(stderr).toContain('--subprotocol is for WebSockets')
  })

  it.each(['nameless', 'a b: c', ': x'])('takes no header %j', async header => {
    expect((await sockctl(['connect', 'ws://localhost:1', '--header', header])).code).toBe(2)
  })
})

describe('sockctl serve --ws', () => {
  it('gives a command lines, and its lines to the peer', async () => {
    const { url } = await serve(['--exec', 'sort'])
    const { code, stdout } = await sockctl(['connect', '-N', url], { stdin: 'b\na\n' })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\nb\n' })
  })

  it('tells of which page it let nobody in', async () => {
    const { url, server } = await serve(['--allow-origin', 'https://app.example'])
    const from = (origin: string) => sockctl(['connect', '-z', url, '--origin', origin])
    expect((await from('https://app.example')).code).toBe(0)
    expect((await from('https://evil.example')).code).toBe(6)
    await server.says('stderr', /closed 127.0.0.1:\d+: a page of https:\/\/evil.example wanted/)
  })

  it('asks for a token in the handshake', async () => {
    const { url } = await serve(['--token', 's3cret'])
    const ask = (token: string) => sockctl(['connect', url, '--token', token, '--send', 'hi'])
    expect(await ask('s3cret')).toMatchObject({ code: 0, stdout: 'hi\n' })
    expect(await ask('other')).toMatchObject({ code: 6, stdout: '' })
  })

  it('passes messages on as they are to a WebSocket, and as lines to a stream', async () => {
    const { url: echo } = await serve([])
    const { url } = await serve(['--forward', echo])
    expect((await sockctl(['connect', url, '--send', 'hi'])).stdout).toBe('hi\n')
  })

  it('says goodbye when it is stopped', async () => {
    const { url, server } = await serve(['--grace', '0'])
    const client = sockctl(['connect', url, '-d'])
    await server.says('stderr', /#1 open/)
    server.child.kill('SIGTERM')
    expect(await client).toMatchObject({ code: 0, stderr: 'closed by the peer: 1001 going away\n' })
    expect((await server.outcome()).code).toBe(143)
  })
})

describe('the options of WebSockets', () => {
  it.each([
    [['serve', 'socketio://:0', '--allow-origin', 'https://app.example']],
    [['serve', 'socketio://:0', '--allow-host', 'app.example', '--max-message', '1MiB']],
  ])('hold for Socket.IO where they can: %j', async argv => {
    const { code, stderr } = await sockctl([...argv, '--for', '1ms'])
    expect({ code, stderr: stderr.slice(0, 17) }).toEqual({ code: 0, stderr: 'echo on socketio:' })
  })

  it.each([
    [['serve', 'socketio://:0', '--ping', '1s'], '--ping is for WebSockets'],
    [['connect', 'socketio://:1', '--max-message', '1MiB'], '--max-message is for WebSockets'],
    [['serve', 'unix:/nowhere/s', '--ws'], '--ws is for TCP, and no endpoint is one of TCP'],
    [['connect', 'udp://:1', '--ws'], '--ws is for TCP, and no endpoint is one of TCP'],
  ])('are refused where they would do nothing: %j', async (argv, message) => {
    const { code, stderr } = await sockctl(argv)
    expect({ code, said: stderr.split('\n')[0] }).toEqual({ code: 2, said: `sockctl: ${message}` })
  })
})

describe('--help', () => {
  it.each([
    ['serve', ['--allow-origin', '--allow-host', '--max-message']],
    ['connect', ['--header']],
  ])('of %s says what holds for Socket.IO too', async (command, options) => {
    const { stdout } = await sockctl([command, '--help'])
    const [, group = ''] = /\nWebSocket and Socket\.IO [^\n]*\n((?: [^\n]*\n)+)/.exec(stdout) ?? []
    expect(group.match(/(?<=^ {6})--[a-z-]+/gm)).toEqual(options)
  })
})
