import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { reply } from '../../src/handlers/reply.ts'
import { readAll } from '../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../support/serve-session.ts'

endSessionsAfterEach()

describe('reply', () => {
  it('sends the same to everybody, at once', async () => {
    const server = await startSession(
      reply({ data: Buffer.from('HTTP/1.0 204 No Content\r\n\r\n') }),
    )
    for (const where of [server.port, server.path]) {
      const client = await dialRaw(where)
      expect(String(await readAll(client))).toBe('HTTP/1.0 204 No Content\r\n\r\n')
    }
  })

  it('reads what the peer sends, so that no reset takes the reply along', async () => {
    const data = Buffer.alloc(4 * 1024 * 1024, 'reply')
    const server = await startSession(reply({ data }))
    const client = await dialRaw(server.port)
    // All of the request goes out, and only then is the reply read.
    client.write(Buffer.alloc(4 * 1024 * 1024))
    await once(client, 'drain')
    const received = readAll(client)
    expect((await received).equals(data)).toBe(true)
    client.end('and more')
    expect(await server.event('close')).toMatchObject({ by: 'us', how: 'fin' })
  })

  it('waits for the end of a peer that is in no hurry', async () => {
    const server = await startSession(reply({ data: Buffer.from('x') }))
    const client = await dialRaw(server.port)
    await readAll(client)
    expect(server.session.openCount).toBe(1)
    client.end()
    await server.event('close')
  })
})
