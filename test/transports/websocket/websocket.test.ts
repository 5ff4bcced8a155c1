import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import type { Credentials } from '../../../src/access/credentials.ts'
import type { Channel, Message } from '../../../src/channel/types.ts'
import { parseEndpoint } from '../../../src/endpoint/parse.ts'
import { SockctlError } from '../../../src/errors.ts'
import { echo } from '../../../src/handlers/echo.ts'
import { reply } from '../../../src/handlers/reply.ts'
import { dial, listen } from '../../../src/transports/index.ts'
import type { DialOptions, ListenOptions, Refusal } from '../../../src/transports/types.ts'
import { within } from '../../support/deadline.ts'
import { readAll } from '../../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../../support/serve-session.ts'
import { closeServersAfterEach, tcpServer } from '../../support/tcp-server.ts'

closeServersAfterEach()
endSessionsAfterEach()

const open: { close?(): unknown; reset?(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await (one.close?.() ?? one.reset?.())
})

/** A WebSocket listener on a free port of 127.0.0.1, and what comes of it. */
async function start(options: ListenOptions = {}, path = '') {
  const listener = await listen(parseEndpoint(`ws://127.0.0.1:0${path}`), options)
  open.push(listener)
  const refused = new Promise<Refusal>(resolve => {
    listener.onRefused = resolve
  })
  const [address] = listener.addresses
  const port = address !== undefined && 'port' in address ? address.port : 0
  const accepted = listener[Symbol.asyncIterator]()
  return {
    port,
    refusal: () => within(5000, 'a refusal', refused),
    async next(): Promise<Channel> {
      const { value } = await within(5000, 'a channel', accepted.next())
      open.push(value)
      value.duplex.on('error', () => {})
      return value
    },
    async dial(where = path, dialOptions: DialOptions = {}): Promise<Channel> {
      const channel = await dial(parseEndpoint(`ws://127.0.0.1:${port}${where}`), dialOptions)
      open.push(channel)
      channel.duplex.on('error', () => {})
      return channel
    },
  }
}

async function pair(listening: ListenOptions = {}, dialling: DialOptions = {}) {
  const server = await start(listening)
  const [theirs, ours] = await Promise.all([server.next(), server.dial('', dialling)])
  return { server, theirs, ours }
}

function text(words: string): Message {
  return { data: Buffer.from(words), kind: 'text' }
}

async function message({ duplex }: Channel): Promise<Message> {
  for (;;) {
    const one: Message | null = duplex.read()
    if (one !== null) return one
    await within(5000, 'a message', once(duplex, 'readable'))
  }
}

async function failure(work: Promise<unknown>): Promise<SockctlError> {
  const error = await within(
    8000,
    'a failure',
    work.then(String, one => one),
  )
  expect(error).toBeInstanceOf(SockctlError)
  return error as SockctlError
}

describe('a WebSocket', () => {
  it('carries messages whole, of both kinds, in both directions', async () => {
    const { theirs, ours } = await pair()
    ours.duplex.write(text('grüße'))
    ours.duplex.write({ data: Buffer.from([0, 255]), kind: 'binary' })
    ours.duplex.write(text(''))
    expect(await message(theirs)).toEqual(text('grüße'))
    expect(await message(theirs)).toEqual({ data: Buffer.from([0, 255]), kind: 'binary' })
    expect(await message(theirs)).toEqual(text(''))
    theirs.duplex.write(text('back'))
    expect(await message(ours)).toEqual(text('back'))
  })

  it('counts what was said, and not the frames', async () => {
    const { theirs, ours } = await pair()
    ours.duplex.write(text('12345'))
    await message(theirs)
    expect(theirs.duplex).toMatchObject({ bytesRead: 5, messagesRead: 1, bytesWritten: 0 })
    expect(ours.duplex).toMatchObject({ bytesWritten: 5, messagesWritten: 1 })
  })

  it('answers the last message after the peer has closed, and tells who closed', async () => {
    const { theirs, ours } = await pair()
    ours.duplex.end(text('last'))
    expect(await message(theirs)).toEqual(text('last'))
    theirs.duplex.resume()
    await within(5000, 'the end', once(theirs.duplex, 'end'))
    theirs.duplex.end(text('reply'))
    expect(await message(ours)).toEqual(text('reply'))
    ours.duplex.resume()
    await within(5000, 'the close', once(ours.duplex, 'close'))
    expect(ours.farewell).toEqual({ by: 'us', code: 1000, reason: '' })
    expect(theirs.farewell).toEqual({ by: 'peer', code: 1000, reason: '' })
  })

  it('tells whom it turns away after the handshake why', async () => {
    const { theirs, ours } = await pair()
    ours.duplex.resume()
    theirs.turnAway?.('full')
    await within(5000, 'the close', once(ours.duplex, 'close'))
    expect(ours.farewell).toEqual({ by: 'peer', code: 1013, reason: 'too many connections' })
  })

  it('fails with 1006 when the connection breaks without a close frame', async () => {
    const { theirs, ours } = await pair()
    ours.duplex.resume()
    const broken = once(ours.duplex, 'error')
    theirs.reset()
    const [error] = await within(5000, 'the failure', broken)
    expect(error).toMatchObject({ code: expect.stringMatching(/RESET$/) })
    expect(ours.farewell).toMatchObject({ code: 1006 })
  })

  it('says that it goes away when it is destroyed', async () => {
    const { theirs, ours } = await pair()
    ours.duplex.resume()
    theirs.duplex.resume().destroy()
    await within(5000, 'the close', once(ours.duplex, 'close'))
    expect(ours.farewell).toEqual({ by: 'peer', code: 1001, reason: '' })
  })

  it('closes with 1009 on a message that is too large', async () => {
    const { theirs, ours } = await pair({ websocket: { maxMessageBytes: 10 } })
    const closed = once(ours.duplex.resume(), 'close')
    ours.duplex.write(text('x'.repeat(11)))
    const [error] = await within(5000, 'the failure', once(theirs.duplex.resume(), 'error'))
    expect(error).toMatchObject({ code: 'ERR_LIMIT' })
    await within(5000, 'the close', closed)
    expect(ours.farewell).toMatchObject({ by: 'peer', code: 1009 })
  })

  it.each([true, false])('asks whether the peer is there, which answers: %s', async autoPong => {
    const { url, accepted } = await bareServer({ autoPong })
    const [peer, { duplex }] = await Promise.all([
      accepted,
      dial(parseEndpoint(url), { websocket: { pingMs: 50 } }),
    ])
    const failed = once(duplex.resume(), 'error')
    await within(5000, 'a ping', once(peer, 'ping'))
    if (autoPong) {
      await within(5000, 'another ping', once(peer, 'ping'))
      await within(5000, 'and another', once(peer, 'ping'))
      duplex.destroy()
    } else {
      expect(await within(5000, 'the failure', failed)).toMatchObject([{ code: 'ERR_TIMEOUT' }])
    }
  })

  it('holds back a peer that sends more than is read', async () => {
    const { theirs, ours } = await pair()
    const message = { data: Buffer.alloc(64 * 1024), kind: 'binary' }
    let accepted = 0
    for (let full = false; !full && accepted < 10_000; ) {
      const written = new Promise(resolve => ours.duplex.write(message, resolve))
      const stalled = delay(300).then(() => 'stalled')
      full = (await Promise.race([written, stalled])) === 'stalled'
      accepted++
    }
    // What the kernel holds on both sides, and no more than a few messages of ours.
    expect(accepted).toBeLessThan(500)
    expect(theirs.duplex.readableLength).toBeLessThan(4)
    let received = 0
    theirs.duplex.on('data', () => received++)
    ours.duplex.end()
    await within(5000, 'the end', once(theirs.duplex, 'end'))
    expect(received).toBe(accepted)
  })

  it('compresses where both want to', async () => {
    const websocket = { compress: true }
    const { theirs, ours } = await pair({ websocket }, { websocket })
    expect(theirs.facts.compression).toBe('permessage-deflate')
    ours.duplex.write(text('a'.repeat(100_000)))
    expect((await message(theirs)).data).toHaveLength(100_000)
  })

  it('agrees on a subprotocol that both have', async () => {
    const { theirs, ours } = await pair(
      { websocket: { subprotocols: ['b', 'c'] } },
      { websocket: { subprotocols: ['a', 'c'] } },
    )
    expect(theirs.facts).toEqual({ subprotocol: 'c' })
    expect(ours.facts).toEqual({ subprotocol: 'c' })
  })

  it('tells by which path somebody came', async () => {
    const server = await start()
    const [theirs] = await Promise.all([server.next(), server.dial('/chat?room=1')])
    expect(theirs.facts).toEqual({ path: '/chat?room=1' })
  })
})

describe('a WebSocket that we end', () => {
  const endpoints = [{ scheme: 'ws', host: '127.0.0.1', port: 0, path: '/' }] as const

  it('tells whom it turns out why', async () => {
    let mayStay = true
    const options = { endpoints, mayStay: () => mayStay }
    const { session, port, event } = await startSession(echo(), options)
    const peer = new WebSocket(`ws://127.0.0.1:${port}`)
    await within(5000, 'the handshake', once(peer, 'open'))
    await event('open')
    mayStay = false
    session.recheck()
    const [code, reason] = await within(5000, 'the close', once(peer, 'close'))
    expect([code, `${reason}`]).toEqual([1008, 'no longer allowed in'])
    expect(await event('close')).toMatchObject({
      ...{ by: 'us', how: 'error', error: 'no longer allowed in' },
      farewell: { by: 'us', code: 1008 },
    })
  })

  it('is not said to be ended by a peer that does not answer', async () => {
    const { port, event } = await startSession(reply({ data: Buffer.from('hi') }), { endpoints })
    const peer = await dialRaw(port)
    peer.resume().write(handshake())
    expect(await event('close')).toMatchObject({
      ...{ by: 'us', how: 'timeout', error: 'no answer to our close frame' },
      farewell: { by: 'us', code: 1000 },
    })
  })

  it('is ended by a peer that leaves in place of an answer', async () => {
    const { port, event } = await startSession(reply({ data: Buffer.from('hi') }), { endpoints })
    const peer = await dialRaw(port)
    // The answer to the handshake, the message and the close frame; all of it is small.
    peer.on('data', chunk => chunk.includes(Buffer.from([0x88, 2, 3, 232])) && peer.end())
    peer.write(handshake())
    expect(await event('close')).toMatchObject({ farewell: { by: 'peer', code: 1006 } })
  })
})

describe('a WebSocket listener', () => {
  it('has one path only when it was given one', async () => {
    const server = await start({}, '/chat')
    const [theirs] = await Promise.all([server.next(), server.dial('/chat?room=1')])
    expect(theirs.facts.path).toBe('/chat?room=1')
    const error = await failure(server.dial('/other'))
    expect(error).toMatchObject({ code: 'ERR_PROTOCOL' })
    expect(error.hints.join()).toContain('there is only /chat')
    expect(await server.refusal()).toMatchObject({ reason: 'handshake' })
  })

  it.each([
    ['evil.example', undefined, 'not a name of ours'],
    ['127.0.0.1:1', 'https://evil.example', 'a page of https://evil.example wanted to connect'],
    ['127.0.0.1:1', 'http://localhost.evil.example', 'wanted to connect'],
  ])('refuses Host %s with Origin %s', async (host, origin, why) => {
    const server = await start()
    const headers = [['Host', host]] as const
    const error = await failure(server.dial('', { websocket: { headers, origin } }))
    expect(error.message).toContain('HTTP 403')
    expect((await server.refusal()).error).toContain(why)
  })

  it('lets pages in that are of this machine, of ours, or allowed', async () => {
    const server = await start({ websocket: { allowOrigins: ['https://app.example'] } })
    for (const origin of ['http://localhost:3000', 'https://app.example', 'http://[::1]']) {
      await Promise.all([server.next(), server.dial('', { websocket: { origin } })])
    }
  })

  it.each([
    ['a TLS ClientHello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'it speaks TLS'],
    ['a greeting', 'hello\r\n\r\n', 'it does not speak HTTP'],
    [
      'giant headers',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}`,
      'headers are too large',
    ],
    ['a plain request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'no WebSocket handshake'],
    ['a request without a Host', 'GET / HTTP/1.1\r\n\r\n', 'bad Host header'],
    ['a bad key', handshake({ 'Sec-WebSocket-Key': 'short' }), 'Sec-WebSocket-Key'],
    ['no version', handshake({ 'Sec-WebSocket-Version': '' }), 'Sec-WebSocket-Version'],
  ])('answers %s, and says what is wrong', async (_, request, why) => {
    const server = await start()
    const socket = await dialRaw(server.port)
    socket.write(request, 'latin1')
    const answer = await within(5000, 'the answer', readAll(socket))
    expect(`${answer}`).toMatch(/^HTTP\/1.1 4\d\d /)
    socket.destroy()
    expect((await server.refusal()).error).toContain(why)
    await Promise.all([server.next(), server.dial()])
  })

  it('says which version it speaks to who speaks another (RFC 6455 §4.4)', async () => {
    const server = await start()
    const socket = await dialRaw(server.port)
    socket.write(handshake({ 'Sec-WebSocket-Version': '99' }))
    const answer = await within(5000, 'the answer', readAll(socket))
    expect(`${answer}`).toMatch(
      /^HTTP\/1.1 426 Upgrade Required\r\n.*\r\nSec-WebSocket-Version: 13\r\n/s,
    )
    expect((await server.refusal()).error).toBe('it speaks WebSocket 99, and this is 13 (RFC 6455)')
  })

  it('lets nobody in who does not show the credential, and tells it nobody', async () => {
    const credentials: Credentials = {
      check: async text =>
        text === 'secret' ? { isAdmitted: true, user: 'ana' } : { isAdmitted: false, why: 'wrong' },
    }
    const server = await start({ credentials })
    for (const credential of [undefined, 'other']) {
      const error = await failure(server.dial('', { credential }))
      expect(error.message).toContain('HTTP 401')
      expect(error.hints).toContain('not allowed in')
    }
    expect(await server.refusal()).toMatchObject({ reason: 'credential' })
    const ways: [string, DialOptions][] = [
      ['', { credential: 'secret' }],
      ['/?token=secret&room=1', {}],
      ['', { websocket: { subprotocols: ['bearer', 'secret'] } }],
    ]
    for (const [path, options] of ways) {
      const [theirs, ours] = await Promise.all([server.next(), server.dial(path, options)])
      expect(theirs.facts.user).toBe('ana')
      expect(JSON.stringify([theirs.facts, ours.facts])).not.toContain('secret')
    }
  })

  it('is told of the frames that come together with the handshake', async () => {
    const server = await start()
    const socket = await dialRaw(server.port)
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])
    socket.write(Buffer.concat([Buffer.from(handshake()), frame]))
    expect(await message(await server.next())).toEqual(text('hi'))
  })

  it.each([
    ['unmasked', [0x81, 0x02, 0x68, 0x69], 1002],
    ['with a reserved opcode', [0x83, 0x80, 0, 0, 0, 0], 1002],
    ['with reserved bits', [0xf1, 0x80, 0, 0, 0, 0], 1002],
    ['a ping that is too long', [0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0], 1002],
    ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007],
    ['one of 2^62 bytes', [0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1009],
  ])('closes a connection by whom a frame comes that is %s', async (_, bytes, code) => {
    const server = await start()
    const socket = await dialRaw(server.port)
    socket.write(handshake())
    const channel = await server.next()
    const failed = once(channel.duplex.resume(), 'error')
    socket.write(Buffer.from(bytes))
    expect(await within(5000, 'the failure', failed)).toMatchObject([
      { code: code === 1009 ? 'ERR_LIMIT' : 'ERR_PROTOCOL' },
    ])
    expect(channel.farewell).toMatchObject({ by: 'us', code })
    const answer = await within(5000, 'the close frame', readAll(socket))
    expect(answer.includes(Buffer.from([0x03, code & 0xff]))).toBe(true)
    await Promise.all([server.next(), server.dial()])
  })
})

describe('dialling a WebSocket', () => {
  it('shows what a server answers in its place', async () => {
    const url = await plainServer((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="stream"' })
      response.end('{"error":"token expired"}')
    })
    const error = await failure(dial(parseEndpoint(url)))
    expect(error.code).toBe('ERR_PROTOCOL')
    expect(error.message).toBe(`${url} refused the handshake: HTTP 401 Unauthorized`)
    expect(error.hints.slice(0, 2)).toEqual([
      'www-authenticate: Bearer realm="stream"',
      '{"error":"token expired"}',
    ])
  })

  it('says where a redirect leads, and does not follow it', async () => {
    const url = await plainServer((_, response) => {
      response.writeHead(302, { Location: 'https://elsewhere.example/ws' }).end()
    })
    const { hints } = await failure(dial(parseEndpoint(url)))
    expect(hints.at(-1)).toBe('Redirects are not followed. Try: wss://elsewhere.example/ws')
  })

  it('sends headers, an origin and the subprotocols that it is given', async () => {
    const asked = new Promise<IncomingMessage>(resolve => {
      void plainServer((request, response) => {
        resolve(request)
        response.writeHead(403).end()
      }).then(url => {
        const websocket = {
          headers: [
            ['X-One', '1'],
            ['X-One', '2'],
          ] as const,
          origin: 'https://app.example',
          subprotocols: ['a', 'b'],
        }
        return dial(parseEndpoint(url), { websocket }).catch(() => {})
      })
    })
    expect((await within(5000, 'the request', asked)).headers).toMatchObject({
      'x-one': '1, 2',
      origin: 'https://app.example',
      'sec-websocket-protocol': 'a,b',
    })
  })

  it('is out of time when nobody answers', async () => {
    const { port } = await tcpServer()
    const dialling = dial(parseEndpoint(`ws://127.0.0.1:${port}`), { timeoutMs: 100 })
    expect(await failure(dialling)).toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  it.each([
    ['ends', (socket: Socket) => socket.end(), 'ended without an answer'],
    ['greets in its own way', (socket: Socket) => socket.end('220 hello\r\n'), 'not HTTP'],
  ])('fails when the server %s', async (_, act, why) => {
    const { port } = await tcpServer(socket => {
      socket.resume()
      act(socket)
    })
    const error = await failure(dial(parseEndpoint(`ws://127.0.0.1:${port}`)))
    expect(error.code).toBe('ERR_PROTOCOL')
    expect(error.message).toContain(why)
  })
})

/** A handshake in good order, but for these headers. */
function handshake(headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** A server of the package `ws` alone, and its first client. */
async function bareServer(options: ServerOptions = {}) {
  const server = new WebSocketServer({ ...options, host: '127.0.0.1', port: 0 })
  open.push({
    close() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection').then(([peer]) => peer as WebSocket)
  return { url: `ws://127.0.0.1:${port}`, accepted }
}

/** An HTTP server that knows no WebSocket. */
async function plainServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  open.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}
