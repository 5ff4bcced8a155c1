import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { chargen } from '../../src/handlers/chargen.ts'
import { echo } from '../../src/handlers/echo.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../support/serve-session.ts'

endSessionsAfterEach()

/** The pattern by its definition: 72 of the 95 printables, one further on each line (RFC 864). */
function expectedPattern(lines: number): string {
  return Array.from({ length: lines }, (_, line) => {
    const codes = Array.from({ length: 72 }, (_, column) => 0x20 + ((line + column) % 95))
    return `${String.fromCharCode(...codes)}\r\n`
  }).join('')
}

describe('chargen', () => {
  it('sends the pattern of RFC 864, without a seam', async () => {
    const server = await startSession(chargen())
    const client = await dialRaw(server.port)
    const expected = expectedPattern(3000)
    let received = ''
    while (received.length < expected.length) {
      const [chunk] = await once(client, 'data')
      received += chunk.toString('latin1')
    }
    expect(received.slice(0, expected.length) === expected).toBe(true)
    client.destroy()
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'rst' })
  })

  it('goes on for a peer that has ended its side, at the pace of its reading', async () => {
    const server = await startSession(chargen())
    const client = await dialRaw(server.path)
    client.end()
    client.pause()
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(client.bytesRead).toBeLessThan(1024 * 1024)
    let received = 0
    client.on('data', chunk => {
      received += chunk.length
    })
    client.resume()
    while (received < 8 * 1024 * 1024) await once(client, 'data')
    expect(server.session.openCount).toBe(1)
  })

  it('leaves room for others while somebody keeps up with it', async () => {
    const characters = await startSession(chargen())
    const greedy = await dialRaw(characters.port)
    greedy.resume()
    const { port } = await startSession(echo())
    for (let i = 0; i < 20; i++) {
      const client = await dialRaw(port)
      client.end('x')
      await once(client, 'data')
    }
    expect(greedy.bytesRead).toBeGreaterThan(100_000)
  })
})
