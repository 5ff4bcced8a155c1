import { duplexPair } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenCredentials } from '../../src/access/token.ts'
import type { Channel } from '../../src/channel/types.ts'
import { echo } from '../../src/handlers/echo.ts'
import { reply } from '../../src/handlers/reply.ts'
import { AcceptQueue } from '../../src/transports/accept-queue.ts'
import { askFirstLine, showFirstLine } from '../../src/transports/credential-line.ts'
import { dial, listen } from '../../src/transports/index.ts'
import type { Listener, ListenOptions, Refusal } from '../../src/transports/types.ts'
import { formatDuration } from '../../src/units.ts'
import { within } from '../support/deadline.ts'
import { failureOf } from '../support/failure.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  startSession,
  tcpEndpoint,
} from '../support/serve-session.ts'

endSessionsAfterEach()

const credentials = tokenCredentials([
  { name: 'alice', secret: 'open sesame' },
  { name: undefined, secret: 'mellon' },
])

const start = (listenOptions: ListenOptions = {}, handler = echo()) =>
  startSession(handler, { listen: { credentials, ...listenOptions } })

/** Sends these pieces, ends, and tells what comes back. */
async function exchange(to: number | string, ...pieces: readonly (string | Buffer)[]) {
  const socket = await dialRaw(to)
  const answer = readAll(socket)
  for (const piece of pieces) socket.write(piece)
  socket.end()
  return within(5000, 'the answer', answer)
}

/** Sends this and waits to be cut off; tells what came, and how long it took. */
async function knock(to: number | string, text: string | Buffer) {
  const socket = await dialRaw(to)
  const closed = new Promise(resolve => socket.once('close', resolve))
  let received = 0
  socket.on('data', chunk => {
    received += chunk.length
  })
  const startedAt = performance.now()
  socket.write(text)
  await within(5000, 'being cut off', closed)
  return { received, ms: performance.now() - startedAt, error: socket.errored }
}

describe('a listener that asks for a first line', () => {
  it('hands on what follows, in the same packet or later', async () => {
    const { port, path } = await start()
    expect(`${await exchange(port, 'mellon\nhello')}`).toBe('hello')
    expect(`${await exchange(port, 'mellon\n', 'hel', 'lo\n')}`).toBe('hello\n')
    expect(`${await exchange(port, 'mellon\r\n\n\n')}`).toBe('\n\n')
    expect(`${await exchange(path, 'Bearer mellon\nhello')}`).toBe('hello')
  })

  it('hands on an end that comes in the same packet, with something before it or nothing', async () => {
    const { port, event } = await start()
    expect(await exchange(port, 'mellon\n')).toHaveLength(0)
    expect(await event('close')).toMatchObject({ by: 'peer', how: 'fin', bytesIn: 7 })
  })

  it('keeps our side open when the peer has ended its own', async () => {
    const { port } = await start({}, reply({ data: Buffer.from('a late answer') }))
    expect(`${await exchange(port, 'mellon\n')}`).toBe('a late answer')
  })

  it('takes any bytes that follow, however they are cut', async () => {
    const { port } = await start()
    const anyCut = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(220)))
    await fc.assert(
      fc.asyncProperty(anyCut, async ([rest, cuts]) => {
        const whole = Buffer.concat([Buffer.from('mellon\n'), rest])
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        const pieces = places.slice(1).map((to, index) => whole.subarray(places[index], to))
        expect(await exchange(port, ...pieces)).toEqual(Buffer.from(rest))
      }),
      { numRuns: 100 },
    )
  })

  it('takes a line that comes a byte at a time', async () => {
    const { port } = await start()
    const socket = await dialRaw(port)
    const answer = readAll(socket)
    for (const byte of 'open sesame\nhi') {
      await new Promise(resolve => socket.write(byte, resolve))
    }
    socket.end()
    expect(`${await within(5000, 'the answer', answer)}`).toBe('hi')
  })

  it('loses nothing of much that follows at once', async () => {
    const { port } = await start()
    const much = Buffer.alloc(4 * 1024 * 1024, 'abcdefg')
    const answer = await exchange(port, Buffer.concat([Buffer.from('mellon\n'), much]))
    expect(answer.equals(much)).toBe(true)
  })

  it('says who it is', async () => {
    const { port, event } = await start()
    await exchange(port, 'open sesame\n')
    expect((await event('open')).facts).toEqual({ user: 'alice' })
    await exchange(port, 'mellon\n')
    expect((await event('open', 2)).facts).toEqual({})
  })

  it.each([
    ['a wrong one', 'friend\n', 'wrong token'],
    ['a beginning', 'mell\n', 'wrong token'],
    ['an empty line', '\n', 'wrong token'],
    ['a line of NULs', `${'\0'.repeat(100)}\n`, 'wrong token'],
    ['the token with a NUL', 'mellon\0\n', 'wrong token'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x0a]), 'wrong token'],
    ['a line without end', 'x'.repeat(9000), 'no credential in the first 8 KiB'],
    [
      'the token behind a long line',
      `${'x'.repeat(9000)}\nmellon\n`,
      'no credential in the first 8 KiB',
    ],
  ])('cuts off who shows %s, without a word and after the same time', async (_, text, error) => {
    const { port, event, events } = await start()
    const { received, ms, error: how } = await knock(port, text)
    expect(received).toBe(0)
    expect(how).toMatchObject({ code: 'ECONNRESET' })
    expect(ms).toBeGreaterThan(45)
    expect(await event('refused')).toMatchObject({ reason: 'credential', error })
    expect(events.some(one => one.event === 'open')).toBe(false)
  })

  it('cuts off who takes too long', async () => {
    const { port, event } = await start({ authMs: 80 })
    expect((await knock(port, 'mello')).received).toBe(0)
    expect((await event('refused')).error).toBe(`no credential in ${formatDuration(80)}`)
  })

  it('does not take a line that was broken off', async () => {
    const { port, event } = await start()
    const socket = await dialRaw(port)
    socket.end('mellon')
    expect((await event('refused')).error).toBe('it left without a credential')
  })

  it('does not count who is not in', async () => {
    const { session, port, event } = await startSession(echo(), {
      listen: { credentials },
      accepts: 1,
    })
    await knock(port, 'friend\n')
    await event('refused')
    expect(`${await exchange(port, 'mellon\nin')}`).toBe('in')
    await within(5000, 'the end', session.over)
  })

  it('lets in a dial that shows it, before anything else', async () => {
    const { port } = await start()
    const channel = await dial(tcpEndpoint(port), { credential: 'alice:open sesame' })
    channel.duplex.end('hello')
    expect(`${await within(5000, 'the answer', readAll(channel.duplex))}`).toBe('hello')
  })

  it('cannot be asked of datagrams', async () => {
    const endpoint = { scheme: 'udp', host: '127.0.0.1', port: 0 } as const
    await expect(listen(endpoint, { credentials })).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
    })
  })

  it('lets nobody in over messages that have no place for it', async () => {
    const queue = new AcceptQueue()
    const listener = askFirstLine(listenerOf(queue), credentials)
    const refused = new Promise<Refusal>(resolve => {
      listener.onRefused = resolve
    })
    queue.add({ ...channelOf(duplexPair()[0]), framing: 'message' })
    expect(await within(5000, 'refusal', refused)).toMatchObject({ reason: 'credential' })
    await listener.close()
  })
})

describe('showFirstLine', () => {
  it('does not show a credential that would be several lines', () => {
    const [duplex, peer] = duplexPair()
    expect(failureOf(() => showFirstLine(channelOf(duplex), 'a\nb')).code).toBe('ERR_USAGE')
    expect(peer.read()).toBeNull()
    expect(duplex.destroyed).toBe(true)
  })

  it('does not show it where it would be a message', () => {
    const channel = { ...channelOf(duplexPair()[0]), framing: 'message' } as const
    expect(failureOf(() => showFirstLine(channel, 'a')).code).toBe('ERR_UNSUPPORTED')
  })
})

function channelOf(duplex: Channel['duplex']): Channel {
  const address = { family: 'unix', path: '' } as const
  return {
    duplex,
    framing: 'stream',
    local: address,
    remote: address,
    facts: {},
    reset: () => duplex.destroy(),
  }
}

function listenerOf(queue: AcceptQueue): Listener {
  return {
    addresses: [],
    onTrouble: undefined,
    onRefused: undefined,
    close: async () => queue.end(),
    [Symbol.asyncIterator]: () => queue,
  }
}
