import { once } from 'node:events'
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { attach } from '../../src/handlers/attach.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  newFolder,
  type Started,
  startSession,
} from '../support/serve-session.ts'

endSessionsAfterEach()

interface Terminal {
  readonly input: PassThrough
  readonly output: PassThrough
  readonly server: Started
}

async function terminal(): Promise<Terminal> {
  const input = new PassThrough()
  const output = new PassThrough()
  return { input, output, server: await startSession(attach({ input, output })) }
}

describe('attach', () => {
  it('sends the input to the peer, and writes what it says to the output', async () => {
    const { input, output, server } = await terminal()
    const client = await dialRaw(server.port)
    input.write('hello\n')
    expect(String((await once(client, 'data'))[0])).toBe('hello\n')
    client.write('hi\n')
    expect(String((await once(output, 'data'))[0])).toBe('hi\n')
  })

  it('keeps the input for the first who comes', async () => {
    const { input, server } = await terminal()
    input.end('early')
    await new Promise(resolve => setTimeout(resolve, 100))
    const client = await dialRaw(server.port)
    expect(String(await readAll(client))).toBe('early')
  })

  it('ends our side at the end of the input, and still takes what the peer says', async () => {
    const { input, output, server } = await terminal()
    const client = await dialRaw(server.port)
    const received = readAll(client)
    input.end('question')
    expect(String(await received)).toBe('question')
    client.end('late answer')
    expect(String((await once(output, 'data'))[0])).toBe('late answer')
    expect(await server.event('close')).toMatchObject({ by: 'us', how: 'fin' })
    expect(output.writableEnded).toBe(false)
  })

  it('sends the input to all who are there, and its end to who comes later', async () => {
    const { input, output, server } = await terminal()
    const first = await dialRaw(server.port)
    const second = await dialRaw(server.path)
    await server.event('open', 2)
    const received = [readAll(first), readAll(second)]
    input.end('to all')
    expect((await Promise.all(received)).map(String)).toEqual(['to all', 'to all'])
    const late = await dialRaw(server.port)
    expect(String(await readAll(late))).toBe('')
    late.end('I only send')
    expect(String((await once(output, 'data'))[0])).toBe('I only send')
  })

  it('is over when the peer has ended, though the input has not', async () => {
    const { input, server } = await terminal()
    const client = await dialRaw(server.port)
    client.end('bye')
    expect(String(await within(2000, 'end', readAll(client)))).toBe('')
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'fin' })
    expect(input.isPaused()).toBe(true)
    // What is typed now waits for the next.
    input.write('next')
    const next = await dialRaw(server.port)
    expect(String((await once(next, 'data'))[0])).toBe('next')
  })

  it('sends all of a file to a peer that ends at once and reads slowly', async () => {
    const file = join(newFolder(), 'file')
    writeFileSync(file, Buffer.alloc(8_000_000, 'content'))
    const output = new PassThrough().resume()
    const server = await startSession(attach({ input: createReadStream(file), output }))
    const client = await dialRaw(server.path)
    client.end()
    client.pause()
    await new Promise(resolve => setTimeout(resolve, 700))
    const received = readAll(client)
    client.resume()
    expect((await received).length).toBe(8_000_000)
  })

  it('reads no faster than its peers and its output take it', async () => {
    const { input, output, server } = await terminal()
    const client = await dialRaw(server.path)
    client.pause()
    const chunk = Buffer.alloc(64 * 1024)
    let taken = 0
    for (let i = 0; i < 200; i++) input.write(chunk, () => taken++)
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(taken).toBeLessThan(40)
    // The other way round: nobody takes what the output gets.
    for (let i = 0; i < 200; i++) client.write(chunk)
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(client.writableLength).toBeGreaterThan(150 * chunk.length)
    output.resume()
    client.resume()
    input.end()
    expect((await readAll(client)).length).toBe(200 * chunk.length)
  })

  it('tells the peer by a reset that the input cannot be read', async () => {
    const { input, server } = await terminal()
    const client = await dialRaw(server.port)
    await server.event('open')
    client.resume()
    input.destroy(Object.assign(new Error('read EIO'), { code: 'EIO' }))
    expect(await server.event('close')).toMatchObject({
      how: 'error',
      error: 'cannot read the input: read EIO (EIO)',
    })
    expect((await once(client, 'error'))[0].code).toBe('ECONNRESET')
    await expect(dialRaw(server.port).then(readAll)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})
