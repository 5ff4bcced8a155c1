import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { echo } from '../../src/handlers/echo.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  openDescriptors,
  startSession,
} from '../support/serve-session.ts'
import { closeWebSocketsAfterEach, WebSocketPeer } from '../support/web-socket-peer.ts'

endSessionsAfterEach()
closeWebSocketsAfterEach()

describe('echo', () => {
  it.each(['port', 'path'] as const)(
    'sends back what arrives, and ends after it (%s)',
    async by => {
      const server = await startSession(echo())
      const client = await dialRaw(server[by])
      const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251))
      const received = readAll(client)
      client.end(sent)
      expect((await received).equals(sent)).toBe(true)
      expect(await server.event('close')).toMatchObject({
        by: 'peer',
        how: 'fin',
        bytesIn: sent.length,
        bytesOut: sent.length,
      })
    },
  )

  it.each([undefined, 'text', 'binary'] as const)(
    'keeps the kind of a message, whatever bytes would be sent as (%s)',
    async kind => {
      const { port } = await startSession(echo(), {
        endpoints: [{ scheme: 'ws', host: '127.0.0.1', port: 0, path: '/' }],
        listen: { websocket: { kind } },
      })
      const peer = await WebSocketPeer.open(`ws://127.0.0.1:${port}`)
      peer.say('can be read', 'binary')
      expect(await peer.next()).toBe('binary:can be read')
      peer.say('text')
      expect(await peer.next()).toBe('text:text')
    },
  )

  it('answers a thousand clients at once', async () => {
    const server = await startSession(echo())
    const clients = await Promise.all(Array.from({ length: 1000 }, () => dialRaw(server.port)))
    await server.event('open', 1000)
    expect(server.session.openCount).toBe(1000)
    const answers = clients.map(async (client, index) => {
      const answer = readAll(client)
      client.end(`I am ${index}`)
      return String(await answer)
    })
    expect(await within(15_000, 'answers', Promise.all(answers))).toEqual(
      clients.map((_, index) => `I am ${index}`),
    )
  })

  it('leaves no descriptor behind after 3,000 connections', async () => {
    const server = await startSession(echo())
    const visit = async (index: number): Promise<void> => {
      const client = await dialRaw(server.port)
      client.write('hello')
      await once(client, 'data')
      // Every third is cut off, the others leave in good order.
      if (index % 3 === 0) client.resetAndDestroy()
      else client.end()
      if (!client.closed) await once(client.resume(), 'close')
    }
    await visit(1)
    await server.event('close', 1)
    const before = openDescriptors()
    for (let round = 0; round < 15; round++) {
      await Promise.all(Array.from({ length: 200 }, (_, index) => visit(index)))
    }
    await server.event('close', 3001)
    expect(openDescriptors()).toBe(before)
  })

  it('reads no more from a client that does not read', async () => {
    const server = await startSession(echo())
    const client = await dialRaw(server.path)
    client.pause()
    const chunk = Buffer.alloc(1024 * 1024)
    let taken = 0
    while (client.write(chunk, () => taken++) || client.writableLength < 64 * chunk.length) {}
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(taken).toBeLessThan(8)
    const received = readAll(client)
    client.resume()
    client.end()
    expect((await received).length).toBe(client.bytesWritten)
  })
})
