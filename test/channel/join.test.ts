import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join as joinPath } from 'node:path'
import { describe, expect, it } from 'vitest'
import { forward } from '../../src/handlers/forward.ts'
import { doubtEnd } from '../../src/transports/faithful-socket.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  newFolder,
  type Started,
  startSession,
  tcpEndpoint,
} from '../support/serve-session.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

endSessionsAfterEach()
closeServersAfterEach()

/** Two raw sockets, joined by a server between them. */
async function joined(kind: 'tcp' | 'unix'): Promise<{ a: Socket; b: Socket; between: Started }> {
  const path = kind === 'unix' ? joinPath(newFolder(), 'target') : undefined
  const target = await tcpServer(undefined, path === undefined ? {} : { path })
  const endpoint =
    path === undefined ? tcpEndpoint(target.port) : ({ scheme: 'unix', path } as const)
  const between = await startSession(forward({ targets: [endpoint] }))
  const [a, b] = await Promise.all([
    dialRaw(kind === 'tcp' ? between.port : between.path),
    target.accepted(),
  ])
  doubtEnd(b)
  return { a, b, between }
}

/** What becomes of a socket that is read: `end`, or the code of its error. */
function fate(socket: Socket): Promise<string> {
  socket.resume()
  return within(
    12_000,
    'end or error',
    new Promise(resolve => {
      socket.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
      socket.on('end', () => resolve('end'))
    }),
  )
}

/** Writes until the socket takes no more, and it shows that nobody reads. */
async function fill(socket: Socket): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024)
  let before = -1
  while (socket.bytesWritten - socket.writableLength !== before) {
    before = socket.bytesWritten - socket.writableLength
    for (let i = 0; i < 64; i++) socket.write(chunk)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

describe.each(['tcp', 'unix'] as const)('join over %s', kind => {
  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)('passes the end of %s on, and the late answer of %s back', async (first, second) => {
    const pair = await joined(kind)
    const [asker, answerer] = [pair[first], pair[second]]
    asker.end('question')
    expect(String(await readAll(answerer))).toBe('question')
    expect(asker.readableEnded).toBe(false)
    // After everything has come to rest: the end has passed, nothing else is on its way.
    await new Promise(resolve => setTimeout(resolve, 600))
    const answer = readAll(asker)
    answerer.end(Buffer.alloc(300_000, 'late'))
    expect((await within(5000, 'answer', answer)).length).toBe(300_000)
    expect(await pair.between.event('close')).toMatchObject({ how: 'fin' })
  })

  it('carries both directions at once, byte for byte', async () => {
    const { a, b } = await joined(kind)
    const size = 24 * 1024 * 1024
    const sent = [hashOfSending(a, size, 1), hashOfSending(b, size, 2)]
    const received = [hashOf(b), hashOf(a)]
    expect(await within(15_000, 'transfer', Promise.all(received))).toEqual(await Promise.all(sent))
  })

  it('stops reading from one when the other does not read', async () => {
    const { a, b, between } = await joined(kind)
    b.pause()
    await fill(a)
    const stuck = a.writableLength
    expect(stuck).toBeGreaterThan(0)
    expect(between.events.filter(one => one.event === 'close')).toEqual([])
    const received = readAll(b)
    b.resume()
    a.end()
    expect((await received).length).toBe(a.bytesWritten)
  })
})

describe('join', () => {
  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)('makes a reset by %s a reset of %s', async (first, second) => {
    const pair = await joined('tcp')
    const end = fate(pair[second])
    pair[first].resetAndDestroy()
    expect(await end).toBe('ECONNRESET')
    await pair.between.event('close')
  })

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)(
    'does not take a reset by %s for its end, right behind data',
    async (first, second) => {
      const pair = await joined('tcp')
      const end = fate(pair[second])
      pair[first].write(Buffer.alloc(1000))
      pair[first].resetAndDestroy()
      expect(await end).toBe('ECONNRESET')
    },
  )

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)('passes a reset by %s on although it has ended before', async (first, second) => {
    const pair = await joined('tcp')
    pair[first].end('x')
    expect(await fate(pair[second])).toBe('end')
    pair[first].resetAndDestroy()
    await pair.between.event('close')
    // Ended as it is, the socket hears of it only when it writes.
    const error = once(pair[second], 'error')
    pair[second].write('too late')
    pair[second].write('too late')
    expect((await error)[0].code).toMatch(/^(ECONNRESET|EPIPE)$/)
  })

  it('passes a reset by a on while back-pressure holds it', async () => {
    const { a, b, between } = await joined('tcp')
    b.pause()
    await fill(a)
    a.resetAndDestroy()
    expect(await between.event('close')).toMatchObject({ by: 'peer', how: 'rst' })
    expect(await fate(b)).toBe('ECONNRESET')
  })

  it('passes a reset by b on behind what b has sent, however slow a is', async () => {
    const { a, b } = await joined('tcp')
    a.pause()
    await fill(b)
    b.resetAndDestroy()
    expect(await fate(a)).toBe('ECONNRESET')
    expect(a.bytesRead).toBeGreaterThan(1024 * 1024)
  })
})

async function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256')
  socket.on('data', chunk => hash.update(chunk))
  await once(socket, 'end')
  return hash.digest('hex')
}

async function hashOfSending(socket: Socket, size: number, seed: number): Promise<string> {
  const hash = createHash('sha256')
  for (let sent = 0; sent < size; ) {
    const chunk = Buffer.alloc(Math.min(size - sent, 10_007 + (sent % 60_000)), seed + sent)
    hash.update(chunk)
    sent += chunk.length
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
  socket.end()
  return hash.digest('hex')
}
