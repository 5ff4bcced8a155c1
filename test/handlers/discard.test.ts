import { describe, expect, it } from 'vitest'
import { discard } from '../../src/handlers/discard.ts'
import { readAll } from '../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../support/serve-session.ts'

endSessionsAfterEach()

describe('discard', () => {
  it('takes everything, says nothing, and ends when the peer does', async () => {
    const server = await startSession(discard())
    const client = await dialRaw(server.port)
    const received = readAll(client)
    client.end(Buffer.alloc(8 * 1024 * 1024))
    expect((await received).length).toBe(0)
    expect(await server.event('close')).toMatchObject({
      by: 'peer',
      how: 'fin',
      bytesIn: 8 * 1024 * 1024,
      bytesOut: 0,
    })
  })
})
