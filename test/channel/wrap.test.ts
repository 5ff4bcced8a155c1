import { connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'

import { afterEach, describe, expect, it } from 'vitest'
import { closed } from '../../src/channel/pump.ts'
import type { Channel } from '../../src/channel/types.ts'
import { type Passage, wrap } from '../../src/channel/wrap.ts'
import { SockctlError } from '../../src/errors.ts'
import { maxBytes } from '../../src/layers/max-bytes.ts'
import { throttle } from '../../src/layers/throttle.ts'
import { STREAM_SOCKET_OPTIONS, TcpChannel } from '../../src/transports/socket-channel.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'

const open: { destroy(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.destroy()
})

/** A real connection: the peer as a plain socket, our end as a channel. */
async function connection(): Promise<{ peer: Socket; channel: Channel }> {
  const server = createServer(STREAM_SOCKET_OPTIONS)
  const accepted = new Promise<Socket>(resolve => server.once('connection', resolve))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const socket = await accepted
  server.close()
  open.push(peer, socket)
  return { peer, channel: new TcpChannel(socket) }
}

/** A channel that is nothing but its stream. */
function channelOf(duplex: Duplex): Channel {
  const address = { family: 'unix', path: '' } as const
  const ends = { local: address, remote: address }
  return { duplex, framing: 'stream', ...ends, facts: {}, reset: () => duplex.destroy() }
}

async function wrapped(passage: Passage) {
  const { peer, channel } = await connection()
  return { peer, channel: wrap(channel, passage) }
}

const event = (emitter: Socket | Channel['duplex'], name: string): Promise<unknown> =>
  within(5000, name, new Promise(resolve => emitter.once(name, resolve)))

describe('wrap', () => {
  it('lets a passage change both directions', async () => {
    const upper = (chunk: Buffer, pass: (part: Buffer) => void): void =>
      pass(Buffer.from(chunk.toString().toUpperCase()))
    const { peer, channel } = await wrapped({ inbound: upper, outbound: upper })
    channel.duplex.end('out')
    peer.end('in')
    expect((await readAll(channel.duplex)).toString()).toBe('IN')
    expect((await readAll(peer)).toString()).toBe('OUT')
  })

  it('keeps the write side open when the peer ends', async () => {
    const { peer, channel } = await wrapped({})
    peer.end('question')
    expect((await readAll(channel.duplex)).toString()).toBe('question')
    channel.duplex.end('late answer')
    expect((await readAll(peer)).toString()).toBe('late answer')
  })

  it('reads on where somebody has looked at what came first, and has put it back', async () => {
    const { peer, channel } = await connection()
    peer.write('first ')
    const first = await new Promise<Buffer>(resolve => channel.duplex.once('data', resolve))
    channel.duplex.pause()
    channel.duplex.unshift(first)
    const { duplex } = wrap(channel, {})
    peer.end('and last')
    expect(`${await within(5000, 'all', readAll(duplex))}`).toBe('first and last')
  })

  it('does not take the next chunk before the passage has settled', async () => {
    const order: string[] = []
    let release = (): void => {}
    const { peer, channel } = await wrapped({
      async inbound(chunk, pass) {
        order.push(`took ${chunk}`)
        await new Promise<void>(resolve => {
          release = resolve
        })
        order.push(`passed ${chunk}`)
        pass(chunk)
      },
    })
    const all = readAll(channel.duplex)
    peer.write('a')
    await expect.poll(() => order).toEqual(['took a'])
    peer.end('b')
    release()
    await expect.poll(() => order.at(-1)).toBe('took b')
    release()
    expect((await all).toString()).toBe('ab')
    expect(order).toEqual(['took a', 'passed a', 'took b', 'passed b'])
  })

  it('holds a fast sender back when nobody reads', async () => {
    let taken = 0
    const { peer } = await wrapped({
      inbound(chunk, pass) {
        taken += chunk.length
        pass(chunk)
      },
    })
    const chunk = Buffer.alloc(65_536)
    let sent = 0
    while (peer.write(chunk) && sent < 10_000_000) sent += chunk.length
    expect(taken).toBe(0)
  })

  it('breaks off with the error of the passage', async () => {
    const { peer, channel } = await wrapped({
      inbound() {
        throw new SockctlError('ERR_LIMIT', 'enough')
      },
    })
    channel.duplex.resume()
    peer.on('error', () => {}).resume()
    const failed = event(channel.duplex, 'error')
    peer.write('x')
    expect(await failed).toMatchObject({ message: 'enough' })
    await event(peer, 'end')
  })

  it('passes a reset on in both directions', async () => {
    const one = await wrapped({})
    one.channel.duplex.on('error', () => {})
    const reset = event(one.peer, 'error')
    one.channel.reset()
    expect(await reset).toMatchObject({ code: 'ECONNRESET' })

    const two = await wrapped({})
    two.channel.duplex.resume()
    const received = event(two.channel.duplex, 'error')
    two.peer.resetAndDestroy()
    expect(await received).toMatchObject({ code: 'ECONNRESET' })
  })

  it('hands on what came before a failure, though its reader was slow', async () => {
    const inner = new Duplex({ read() {} })
    const { duplex } = wrap(channelOf(inner), {})
    duplex.once('data', () => duplex.pause())
    inner.push('a')
    await event(duplex, 'data')
    // One part fills the wrapper, the next waits inside.
    inner.push(Buffer.alloc(100_000))
    await new Promise(setImmediate)
    inner.push('z')
    inner.destroy(new Error('reset'))
    await event(duplex, 'error')
    let rest = 0
    for (let chunk = duplex.read(); chunk !== null; chunk = duplex.read()) rest += chunk.length
    expect(rest).toBe(100_001)
  })

  it('hands on what came before a good end, though its reader is slow and the channel has closed', async () => {
    const inner = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const { duplex } = wrap(channelOf(inner), {})
    duplex.once('data', () => duplex.pause())
    inner.push('a')
    await event(duplex, 'data')
    inner.push('b')
    inner.push(null)
    duplex.end()
    await event(inner, 'close')
    const rest = readAll(duplex)
    duplex.resume()
    expect(`${await within(5000, 'the end', rest)}`).toBe('b')
    await within(5000, 'the close', closed(duplex))
  })

  it('carries 32 MiB each way at once, unchanged', async () => {
    const { peer, channel } = await wrapped({
      inbound: (c, pass) => pass(c),
      outbound: async (c, pass) => pass(c),
    })
    const data = Buffer.alloc(32 * 1024 * 1024, 'sockctl ')
    peer.end(data)
    channel.duplex.end(data)
    const [there, back] = await Promise.all([readAll(channel.duplex), readAll(peer)])
    expect(there.equals(data)).toBe(true)
    expect(back.equals(data)).toBe(true)
  })
})

describe('maxBytes', () => {
  it('lets the last byte through and ends who sends one more', async () => {
    const { peer, channel } = await connection()
    const { duplex } = maxBytes(3)(channel)
    peer.on('error', () => {})
    peer.write('abc')
    expect(String(await event(duplex, 'data'))).toBe('abc')
    const failed = event(duplex, 'error')
    peer.write('d')
    expect(await failed).toMatchObject({ code: 'ERR_LIMIT', message: 'sent more than 3 B' })
  })
})

describe('throttle', () => {
  it('takes the time that the rate asks for, and loses nothing', async () => {
    const { peer, channel } = await connection()
    const { duplex } = throttle(100_000)(channel)
    const data = Buffer.alloc(30_000, 'x')
    const startedAt = performance.now()
    peer.end(data)
    expect((await readAll(duplex)).equals(data)).toBe(true)
    const ms = performance.now() - startedAt
    expect(ms).toBeGreaterThan(290)
    expect(ms).toBeLessThan(2000)
  })
})
