import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type Framing, messageOf } from '../../src/channel/framing.ts'
import { asMessages, asStream } from '../../src/channel/reframe.ts'
import type { Channel, Message } from '../../src/channel/types.ts'
import { readAll } from '../support/read-all.ts'

/** A channel that says what it is given, and keeps what it is told. */
function made(framing: Channel['framing'], says: readonly unknown[]) {
  const told: unknown[] = []
  const left = [...says]
  let hasEnded = false
  const duplex = new Duplex({
    objectMode: framing === 'message',
    read() {
      this.push(left.shift() ?? null)
    },
    write(chunk, _encoding, done) {
      told.push(chunk)
      done()
    },
    final(done) {
      hasEnded = true
      done()
    },
  })
  const address = { family: 'unix', path: '' } as const
  const channel: Channel = {
    duplex,
    framing,
    local: address,
    remote: address,
    facts: { user: 'anna' },
    reset: () => duplex.destroy(),
  }
  return { channel, told, hasEnded: () => hasEnded }
}

const text = (data: string): Message => ({ data: Buffer.from(data), kind: 'text' })

describe('asStream', () => {
  it('leaves a stream alone', () => {
    const { channel } = made('stream', [])
    expect(asStream(channel, 'lines')).toBe(channel)
  })

  it.each<[Framing, string]>([
    ['chunks', 'onetwo'],
    ['lines', 'one\ntwo\n'],
    ['nul', 'one\0two\0'],
    ['length', '\0\0\0\x03one\0\0\0\x03two'],
  ])('lays messages into a stream by %s', async (framing, stream) => {
    const { channel } = made('message', [text('one'), text('two')])
    const bytes = asStream(channel, framing)
    expect(bytes.facts).toEqual({ user: 'anna' })
    expect(`${await readAll(bytes.duplex)}`).toBe(stream)
  })

  it('cuts what is written into messages, the last one at the end', async () => {
    const { channel, told, hasEnded } = made('message', [])
    const { duplex } = asStream(channel, 'lines')
    duplex.write('one\ntw')
    await new Promise(resolve => duplex.end('o', () => resolve(undefined)))
    expect(told).toEqual(['one', 'two'].map(one => messageOf(Buffer.from(one))))
    expect(hasEnded()).toBe(true)
  })
})

describe('asMessages', () => {
  it('leaves messages alone', () => {
    const { channel } = made('message', [])
    expect(asMessages(channel, 'lines')).toBe(channel)
  })

  it('cuts a stream into messages, the last one at the end', async () => {
    const { channel } = made('stream', [Buffer.from('one\nt'), Buffer.from('wo')])
    const messages: unknown[] = []
    for await (const message of asMessages(channel, 'lines').duplex) messages.push(message)
    expect(messages).toEqual(['one', 'two'].map(one => messageOf(Buffer.from(one))))
  })

  it('lays what is written into the stream', async () => {
    const { channel, told } = made('stream', [])
    const { duplex } = asMessages(channel, 'nul')
    await new Promise(resolve => duplex.end(text('one'), () => resolve(undefined)))
    expect(told).toEqual([Buffer.from('one\0')])
  })
})
