import { createServer, get } from 'node:http'
import { connect } from 'node:net'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import { parseTokens, tokenCredentials } from '../../../src/access/token.ts'
import type { Channel, Message } from '../../../src/channel/types.ts'
import { SockctlError } from '../../../src/errors.ts'
import { echo } from '../../../src/handlers/echo.ts'
import { relay } from '../../../src/handlers/relay.ts'
import type { Handler } from '../../../src/handlers/types.ts'
import { Room } from '../../../src/relay/room.ts'
import { dial } from '../../../src/transports/index.ts'
import type { ListenOptions } from '../../../src/transports/types.ts'
import { within } from '../../support/deadline.ts'
import { readAll } from '../../support/read-all.ts'
import { endSessionsAfterEach, startSession } from '../../support/serve-session.ts'

endSessionsAfterEach()

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const here = { scheme: 'socketio', host: '127.0.0.1', port: 0, path: '/' } as const

function start(handler: Handler, listen: ListenOptions = {}, path = '/') {
  return startSession(handler, { endpoints: [{ ...here, path }], listen })
}

/** A client of the stock package. */
function client(port: number, path = '/', options: Parameters<typeof io>[1] = {}): Socket {
  const socket = io(`http://127.0.0.1:${port}${path}`, {
    forceNew: true,
    reconnection: false,
    ...options,
  })
  open.push({ close: () => socket.disconnect() })
  return socket
}

/** The status by which a first request is answered. */
function handshake(port: number, headers: Readonly<Record<string, string>>): Promise<unknown> {
  const path = '/socket.io/?EIO=4&transport=polling'
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, response => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

function next<T>(socket: Socket, event: string): Promise<T> {
  return within(8000, event, new Promise(resolve => socket.once(event, resolve)))
}

describe('socketio://, with clients of the stock package', () => {
  it.each([['polling'], ['websocket'], ['polling', 'websocket']])(
    'gives back text and bytes, by %j %j',
    async (...transports) => {
      const { port, event } = await start(echo())
      const socket = client(port, '/', { transports })
      await next(socket, 'connect')
      socket.send('hällo')
      expect(await next(socket, 'message')).toBe('hällo')
      socket.send(Buffer.from([0, 255, 1]))
      expect(await next(socket, 'message')).toEqual(Buffer.from([0, 255, 1]))
      socket.disconnect()
      expect(await event('close')).toMatchObject({ by: 'peer', how: 'fin', bytesIn: 9 })
    },
  )

  it('is broken off by us when the handler fails, and says why', async () => {
    const { port, event } = await start(async () => {
      throw new SockctlError('ERR_REFUSED', 'cannot connect to tcp://127.0.0.1:1')
    })
    const socket = client(port)
    const left = next(socket, 'disconnect')
    expect(await event('close')).toMatchObject({
      by: 'us',
      how: 'error',
      error: 'cannot connect to tcp://127.0.0.1:1',
    })
    expect(['transport close', 'transport error']).toContain(await left)
  })

  it('acknowledges what it has taken', async () => {
    const { port } = await start(echo())
    const socket = client(port)
    await within(8000, 'an acknowledgement', socket.emitWithAck('message', 'please confirm'))
  })

  it('tells other events, with what came with them, as JSON', async () => {
    const { port } = await start(echo())
    const socket = client(port)
    socket.emit('move', { x: 1 }, 'fast')
    expect(await next(socket, 'message')).toBe('["move",{"x":1},"fast"]')
  })

  it('speaks by another event where it is told to', async () => {
    const { port } = await start(echo(), { socketio: { event: 'chat' } })
    const socket = client(port)
    socket.emit('chat', 'hi')
    expect(await next(socket, 'chat')).toBe('hi')
  })

  it('hears the events alone that it is to hear, and acknowledges no other', async () => {
    const { port } = await start(echo(), { socketio: { event: 'chat', only: ['chat', 'move'] } })
    const socket = client(port)
    const heard: string[] = []
    socket.on('chat', text => heard.push(text))
    const mute = socket.timeout(300).emitWithAck('typing')
    await within(8000, 'an acknowledgement', socket.emitWithAck('move', 1))
    socket.emit('chat', 'hi')
    await expect(mute).rejects.toThrow('timed out')
    expect(heard).toEqual(['["move",1]', 'hi'])
  })

  it('takes any namespace, or the one of its endpoint alone', async () => {
    const any = await start(echo())
    await next(client(any.port, '/rooms/one'), 'connect')
    expect((await any.event('open')).facts).toMatchObject({ namespace: '/rooms/one' })
    const one = await start(echo(), {}, '/chat')
    await next(client(one.port, '/chat'), 'connect')
    const error = await next<Error>(client(one.port, '/other'), 'connect_error')
    expect(error.message).toBe('Invalid namespace')
  })

  it('lets clients of all kinds meet in a room', async () => {
    const room = new Room()
    const { port } = await start(relay({ room }))
    const [ana, bob] = [client(port, '/a', { transports: ['polling'] }), client(port, '/b')]
    await Promise.all([next(ana, 'connect'), next(bob, 'connect')])
    const heard = next(bob, 'message')
    ana.send('hello')
    expect(await heard).toBe('hello')
  })

  it('lets in who shows a token, and nobody else', async () => {
    const { port, event } = await start(echo(), {
      credentials: tokenCredentials(parseTokens('ana:s3cret')),
    })
    const stranger = client(port, '/', { auth: { token: 'guess' } })
    expect((await next<Error>(stranger, 'connect_error')).message).toBe('not allowed in')
    expect(await event('refused')).toMatchObject({ reason: 'credential', error: 'wrong token' })
    const mute = client(port)
    expect((await next<Error>(mute, 'connect_error')).message).toBe('not allowed in')
    await next(client(port, '/', { auth: { token: 's3cret' } }), 'connect')
    expect((await event('open')).facts).toMatchObject({ user: 'ana' })
    const ours = await dial({ ...here, port }, { credential: 's3cret' })
    expect(ours.framing).toBe('message')
    ours.reset()
  })

  it('turns away a page of another site, and a name that is not ours', async () => {
    const { port, event } = await start(echo())
    expect(await handshake(port, { origin: 'https://evil.test' })).toBe(403)
    expect((await event('refused')).error).toContain('https://evil.test')
    expect(await handshake(port, { host: 'evil.test' })).toBe(403)
    expect((await event('refused', 2)).error).toContain('evil.test')
    expect(await handshake(port, { origin: `http://localhost:${port}` })).toBe(200)
  })

  it('stays up whatever is sent to it', async () => {
    const { port } = await start(echo())
    for (const text of [
      'rubbish\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n9{"',
      'GET /socket.io/?EIO=4&transport=nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      'GET /socket.io/?EIO=4&transport=polling&sid=guess HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ]) {
      const raw = connect(port, '127.0.0.1')
      raw.on('error', () => {})
      raw.end(text)
      await within(
        8000,
        text,
        readAll(raw).catch(() => {}),
      )
    }
    const socket = client(port)
    socket.send('still there?')
    expect(await next(socket, 'message')).toBe('still there?')
  })
})

describe('socketio://, with a server of the stock package', () => {
  async function stock(): Promise<{ server: Server; port: number }> {
    const http = createServer()
    const server = new Server(http)
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => server.close() })
    return { server, port: (http.address() as { port: number }).port }
  }

  function hears({ duplex }: Channel): Promise<Message> {
    return within(8000, 'a message', new Promise(resolve => duplex.once('data', resolve)))
  }

  it('talks to it in a namespace, text and bytes, from the first word on', async () => {
    const { server, port } = await stock()
    server.of('/chat').on('connection', socket => {
      socket.send('welcome')
      socket.on('message', data => socket.send(data))
    })
    const channel = await dial({ ...here, port, path: '/chat' })
    expect(`${(await hears(channel)).data}`).toBe('welcome')
    channel.duplex.write({ data: Buffer.from('hi'), kind: 'text' })
    expect(await hears(channel)).toEqual({ data: Buffer.from('hi'), kind: 'text' })
    channel.duplex.write({ data: Buffer.from([0, 200]), kind: 'binary' })
    expect(await hears(channel)).toEqual({ data: Buffer.from([0, 200]), kind: 'binary' })
    channel.duplex.end()
    await within(8000, 'the end', new Promise(resolve => channel.duplex.once('close', resolve)))
  })

  it('speaks by an event, hears it and no other, and acknowledges it', async () => {
    const { server, port } = await stock()
    const acknowledged = new Promise(resolve => {
      server.on('connection', socket => {
        socket.on('chat', async text => {
          socket.emit('typing', 'bob')
          resolve(await socket.timeout(5000).emitWithAck('chat', `you said ${text}`))
        })
      })
    })
    const channel = await dial({ ...here, port }, { socketio: { event: 'chat', only: ['chat'] } })
    channel.duplex.write({ data: Buffer.from('hi'), kind: 'text' })
    expect(await hears(channel)).toEqual({ data: Buffer.from('you said hi'), kind: 'text' })
    // With nothing: that is all there is to say.
    expect(await within(8000, 'an acknowledgement', acknowledged)).toBeUndefined()
    channel.duplex.end()
  })

  it('says what the server says that does not let it in', async () => {
    const { server, port } = await stock()
    server.use((_, goOn) => goOn(new Error('members only')))
    await expect(dial({ ...here, port })).rejects.toMatchObject({
      code: 'ERR_PROTOCOL',
      message: `cannot join socketio://127.0.0.1:${port}: the server says "members only"`,
    })
  })

  it('tells a server that is not there from one that speaks no Socket.IO', async () => {
    const web = createServer((_, response) => response.end('a web page'))
    await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
    open.push(web)
    const { port } = web.address() as { port: number }
    await expect(dial({ ...here, port })).rejects.toMatchObject({ code: 'ERR_PROTOCOL' })
    await expect(dial({ ...here, port: 1 })).rejects.toMatchObject({ code: 'ERR_REFUSED' })
  })

  it('takes a connection that breaks for no end', async () => {
    const { server, port } = await stock()
    const channel = await dial({ ...here, port })
    const failed = new Promise<unknown>(resolve => channel.duplex.once('error', resolve))
    server.engine.close()
    expect(await within(8000, 'a failure', failed)).toMatchObject({ code: 'ERR_RESET' })
  })
})
