import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Address, inetAddress } from '../../src/address.ts'
import { closed } from '../../src/channel/pump.ts'
import { echo } from '../../src/handlers/echo.ts'
import type { Handler } from '../../src/handlers/types.ts'
import { idleTimeout } from '../../src/layers/idle-timeout.ts'
import { maxBytes } from '../../src/layers/max-bytes.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { type ServeOptions, type ServeSession, serve } from '../../src/session/serve.ts'
import { dial } from '../../src/transports/index.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { closeWebSocketsAfterEach, WebSocketPeer } from '../support/web-socket-peer.ts'

closeWebSocketsAfterEach()
const ws = { scheme: 'ws', host: '127.0.0.1', port: 0, path: '/' } as const

const sessions: ServeSession[] = []
const clients: Socket[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const session of sessions.splice(0)) {
    session.abandon()
    await session.over
  }
})

interface Started {
  readonly session: ServeSession
  readonly port: number
  readonly events: SessionEvent[]
  /** Waits for the nth event of a kind. */
  event<K extends SessionEvent['event']>(
    kind: K,
    nth?: number,
  ): Promise<Extract<SessionEvent, { event: K }>>
}

async function start(options: Partial<ServeOptions> = {}): Promise<Started> {
  const events: SessionEvent[] = []
  let wake = (): void => {}
  const session = await serve({
    endpoints: [{ scheme: 'tcp', host: '127.0.0.1', port: 0 }],
    handler: echo(),
    onEvent: event => {
      events.push(event)
      wake()
    },
    ...options,
  })
  sessions.push(session)
  const [address] = session.addresses
  const event: Started['event'] = (kind, nth = 1) => {
    const search = async (): Promise<SessionEvent> => {
      for (;;) {
        const found = events.filter(one => one.event === kind)[nth - 1]
        if (found !== undefined) return found
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    return within(8000, `event ${kind}`, search()) as ReturnType<typeof event<typeof kind>>
  }
  return { session, events, event, port: address?.family === 'unix' ? 0 : (address?.port ?? 0) }
}

async function client(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true })
  clients.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe('serve', () => {
  it('stands on both loopbacks, on one port, when no host is given', async () => {
    const { session, port } = await start({
      endpoints: [{ scheme: 'tcp', host: undefined, port: 0 }],
    })
    expect(session.addresses).toEqual([inetAddress('127.0.0.1', port), inetAddress('::1', port)])
    for (const host of ['127.0.0.1', '::1']) {
      const socket = await client(port, host)
      socket.end('hello')
      expect((await readAll(socket)).toString()).toBe('hello')
    }
  })

  it('stands on every interface only when it is told to', async () => {
    const { session } = await start({
      endpoints: [{ scheme: 'tcp', host: undefined, port: 0 }],
      listen: { public: true },
    })
    const hosts = session.addresses.map(one => (one.family === 'unix' ? '' : one.host))
    expect(hosts).toEqual(['0.0.0.0', '::'])
  })

  it('tells who came, how much passed and who left first', async () => {
    const { port, event } = await start()
    const socket = await client(port)
    const { localPort = -1 } = socket
    socket.end('12345')
    await readAll(socket)
    expect(await event('close')).toMatchObject({
      id: 1,
      bytesIn: 5,
      bytesOut: 5,
      by: 'peer',
      how: 'fin',
      remote: inetAddress('127.0.0.1', localPort),
    })
  })

  it('tells the messages of a WebSocket, and its last words', async () => {
    const { port, event } = await start({
      endpoints: [{ scheme: 'ws', host: '127.0.0.1', port: 0, path: '/' }],
    })
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    await once(socket, 'open')
    socket.send('12345')
    const [echo] = await within(5000, 'the echo', once(socket, 'message'))
    expect(`${echo}`).toBe('12345')
    socket.close(4001, 'tired')
    expect(await event('close')).toMatchObject({
      bytesIn: 5,
      bytesOut: 5,
      messagesIn: 1,
      messagesOut: 1,
      by: 'peer',
      how: 'fin',
      farewell: { by: 'peer', code: 4001, reason: 'tired' },
    })
  })

  it('tells a WebSocket that breaks off', async () => {
    const { port, event } = await start({
      endpoints: [{ scheme: 'ws', host: '127.0.0.1', port: 0, path: '/' }],
    })
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    await once(socket, 'open')
    socket.terminate()
    expect(await event('close')).toMatchObject({ by: 'peer', how: 'rst', farewell: { code: 1006 } })
  })

  it('tells a reset from an end', async () => {
    const { port, event } = await start()
    const socket = await client(port)
    socket.write('x')
    await once(socket, 'data')
    socket.resetAndDestroy()
    expect(await event('close')).toMatchObject({ by: 'peer', how: 'rst' })
  })

  it('survives a handler that fails, and resets that peer', async () => {
    const failing: Handler = async channel => {
      await once(channel.duplex, 'data')
      throw new Error('the handler broke')
    }
    const { port, event } = await start({ handler: failing })
    const unlucky = await client(port)
    const failed = once(unlucky, 'error')
    unlucky.write('x')
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' })
    expect(await event('close')).toMatchObject({ how: 'error', error: 'the handler broke' })
    expect((await client(port)).readyState).toBe('open')
  })

  it('opens all endpoints or none', async () => {
    const { port } = await start()
    const other = { scheme: 'tcp', host: '127.0.0.1', port: 0 } as const
    await expect(start({ endpoints: [other, { ...other, port }] })).rejects.toMatchObject({
      code: 'ERR_IN_USE',
      message: `cannot listen on tcp://127.0.0.1:${port}: address in use (EADDRINUSE)`,
    })
  })

  it('closes a connection beyond the limit at once, and lets the next in after one left', async () => {
    const { port, event } = await start({ maxConns: 1 })
    const first = await client(port)
    const second = await client(port)
    await within(5000, 'the second is closed', once(second.resume(), 'end'))
    expect(await event('refused')).toMatchObject({ reason: 'max-conns' })
    first.end()
    await event('close')
    const third = await client(port)
    third.end('x')
    expect((await readAll(third)).toString()).toBe('x')
  })

  it('says to one more WebSocket in the handshake that there is no room', async () => {
    const { port, event } = await start({ maxConns: 1, endpoints: [ws] })
    const first = await WebSocketPeer.open(`ws://127.0.0.1:${port}`)
    const target = { ...ws, port }
    await expect(dial(target)).rejects.toMatchObject({
      message: `ws://127.0.0.1:${port} refused the handshake: HTTP 503 Service Unavailable`,
      hints: ['too many connections'],
    })
    expect(await event('refused')).toMatchObject({ reason: 'max-conns' })
    first.leave()
    await event('close')
    await WebSocketPeer.open(`ws://127.0.0.1:${port}`)
  })

  it('says to one more of Socket.IO that there is no room', async () => {
    const endpoint = { ...ws, scheme: 'socketio' } as const
    const { port, event } = await start({ maxConns: 1, endpoints: [endpoint] })
    const first = await dial({ ...endpoint, port })
    await expect(dial({ ...endpoint, port })).rejects.toThrow(
      'the server says "too many connections"',
    )
    expect(await event('refused')).toMatchObject({ reason: 'max-conns' })
    first.reset()
  })

  it('closes a WebSocket with words that may not stay', async () => {
    const { port, event } = await start({ mayStay: () => false, endpoints: [ws] })
    const peer = await WebSocketPeer.open(`ws://127.0.0.1:${port}`)
    expect(await peer.closed()).toEqual({ code: 1008, reason: 'not allowed in' })
    expect(await event('refused')).toMatchObject({ reason: 'denied' })
  })

  it('turns away whom it is told to', async () => {
    const admit = (remote: Address): 'denied' | undefined =>
      remote.family === 'ipv4' ? 'denied' : undefined
    const { port, event } = await start({
      endpoints: [{ scheme: 'tcp', host: 'localhost', port: 0 }],
      listen: { admit },
    })
    const socket = await client(port)
    expect((await readAll(socket)).length).toBe(0)
    expect(await event('refused')).toMatchObject({ reason: 'denied' })
    const welcome = await client(port, '::1')
    welcome.end('x')
    expect((await readAll(welcome)).toString()).toBe('x')
  })

  it('ends by itself after the number of connections that was asked for', async () => {
    const { session, port } = await start({ accepts: 2 })
    for (const _ of [1, 2]) {
      const socket = await client(port)
      socket.end('x')
      await readAll(socket)
    }
    await within(5000, 'the end', session.over)
    await expect(client(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('frees the port at once when it is stopped, and waits for who is still talking', async () => {
    const { session, port, event } = await start()
    const socket = await client(port)
    socket.write('a')
    await once(socket, 'data')
    const stopped = session.stop()
    expect(await event('draining')).toMatchObject({ open: 1 })
    await expect(client(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    socket.end('last words')
    expect((await readAll(socket)).toString()).toBe('last words')
    await within(1000, 'stopping', stopped)
    expect(await event('close')).toMatchObject({ how: 'fin' })
  })

  it('ends who does not leave in the time of grace', async () => {
    const { session, port, event } = await start({ graceMs: 100 })
    const socket = await client(port)
    socket.write('a')
    await once(socket, 'data')
    await within(2000, 'stopping', session.stop())
    expect(await event('close')).toMatchObject({ by: 'us', how: 'stop' })
  })

  it('resets who still had answers to come when it is abandoned', async () => {
    const flood: Handler = channel => {
      channel.duplex.write(Buffer.alloc(64 * 1024 * 1024))
      return closed(channel.duplex)
    }
    const { session, port } = await start({ handler: flood })
    const socket = await client(port)
    const failed = once(socket, 'error')
    await once(socket, 'data')
    socket.pause()
    session.abandon()
    socket.resume()
    expect((await within(5000, 'the reset', failed))[0]).toMatchObject({ code: 'ECONNRESET' })
  })

  it('says that a connection was idle, or sent too much', async () => {
    const idle = await start({ layers: [idleTimeout(50)] })
    await client(idle.port)
    expect(await idle.event('close')).toMatchObject({ by: 'us', how: 'timeout' })

    const greedy = await start({ layers: [maxBytes(2)] })
    const socket = await client(greedy.port)
    socket.write('abc')
    expect(await greedy.event('close')).toMatchObject({ by: 'us', how: 'limit' })
  })

  it('ends those who may no longer be in when it is told to look, and nobody else', async () => {
    const banned = new Set<string>()
    const mayStay = (remote: Address): boolean =>
      remote.family === 'unix' || !banned.has(remote.host)
    const { session, port, event, events } = await start({
      endpoints: [{ scheme: 'tcp', host: undefined, port: 0 }],
      mayStay,
    })
    const [v4, v6] = [await client(port, '127.0.0.1'), await client(port, '::1')]
    await event('open', 2)
    banned.add('127.0.0.1')
    expect(session.openCount).toBe(2)
    session.recheck()
    expect(await event('close')).toMatchObject({
      remote: { host: '127.0.0.1' },
      by: 'us',
      how: 'error',
      error: 'no longer allowed in',
    })
    await within(5000, 'the end', new Promise(resolve => v4.once('close', resolve)))
    v6.write('still here')
    expect(`${(await once(v6, 'data'))[0]}`).toBe('still here')
    expect(events.filter(one => one.event === 'close')).toHaveLength(1)
  })

  it('does not let in who was let in by what no longer holds', async () => {
    const { port, event } = await start({ mayStay: () => false })
    await client(port)
    expect(await event('refused')).toMatchObject({ reason: 'denied' })
  })
})
