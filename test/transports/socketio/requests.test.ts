import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { echo } from '../../../src/handlers/echo.ts'
import type { ListenOptions } from '../../../src/transports/types.ts'
import { within } from '../../support/deadline.ts'
import { readAll } from '../../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../../support/serve-session.ts'

endSessionsAfterEach()

const endpoint = { scheme: 'socketio', host: '127.0.0.1', port: 0, path: '/' } as const

function start(listen: ListenOptions = {}) {
  return startSession(echo(), { endpoints: [endpoint], listen })
}

const POLL = 'GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n'

function closed(socket: Socket): Promise<unknown> {
  return within(8000, 'its end', new Promise(resolve => socket.resume().once('close', resolve)))
}

describe('those who connect to socketio://', () => {
  it.each([
    ['nothing', ''],
    ['half a request', POLL],
  ])('are turned away in time when they say %s', async (_, text) => {
    const { port, event } = await start({ handshakeMs: 100 })
    const socket = await dialRaw(port)
    socket.write(text)
    await closed(socket)
    expect(await event('refused')).toMatchObject({
      reason: 'handshake',
      error: 'no request in 100 ms',
    })
  })

  it('are turned away when the next request does not come to its end', async () => {
    const { port, event } = await start({ handshakeMs: 200 })
    const socket = await dialRaw(port)
    socket.write(`${POLL}\r\n`)
    await once(socket, 'data')
    socket.write(POLL)
    await closed(socket)
    expect((await event('refused')).error).toBe('no request in 200 ms')
  })

  it('do not hold up the end of the session when they say nothing', async () => {
    const { port, session } = await start()
    const silent = await dialRaw(port)
    const idle = await dialRaw(port)
    idle.write(`${POLL}\r\n`)
    await once(idle, 'data')
    const ends = [closed(silent), closed(idle)]
    await session.stop()
    await Promise.all(ends)
  })

  it('do not hold it up when they are stuck and do not answer its end', async () => {
    const { port, session, event } = await start()
    const socket = await dialRaw(port)
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n' +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await once(socket, 'data')
    // "40", masked with zeros: it joins the namespace /.
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]))
    await event('open')
    const end = closed(socket)
    await session.stop()
    await end
  })

  it.each([
    ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 426, 'GET / is not asked of Socket.IO'],
    [
      'GET /?token=s3cret HTTP/1.1\r\nHost: localhost\r\n\r\n',
      426,
      'GET / is not asked of Socket.IO',
    ],
    ['rubbish\r\n\r\n', 400, 'it does not speak HTTP'],
    ['\x16\x03\x01\x02\x00\x01\x00', 400, 'it speaks TLS, and this port does not'],
    [
      'GET /socket.io/?EIO=4&transport=nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      400,
      'bad request of Socket.IO: Transport unknown',
    ],
  ])('are told, and so are we, what is wrong with %j', async (text, status, error) => {
    const { port, event } = await start()
    const socket = await dialRaw(port)
    socket.write(Buffer.from(text, 'latin1'))
    const answer = await within(8000, 'an answer', readAll(socket))
    expect(`${answer}`).toContain(`HTTP/1.1 ${status} `)
    socket.end()
    expect(await event('refused')).toMatchObject({ reason: 'handshake', error })
  })

  it('are no news when they leave by a reset', async () => {
    const { port, event, events } = await start()
    const socket = await dialRaw(port)
    socket.resetAndDestroy()
    const next = await dialRaw(port)
    next.end('rubbish\r\n\r\n')
    expect((await event('refused')).error).toBe('it does not speak HTTP')
    expect(events.filter(one => one.event === 'refused')).toHaveLength(1)
  })
})
