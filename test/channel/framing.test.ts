import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Cutter,
  FRAMINGS,
  type InnerFraming,
  messageOf,
  toBytes,
} from '../../src/channel/framing.ts'
import type { Message } from '../../src/channel/types.ts'

function cut(framing: InnerFraming, ...chunks: readonly Buffer[]): Message[] {
  const cutter = new Cutter(framing)
  const messages: Message[] = []
  const pass = (message: Message): void => void messages.push(message)
  for (const chunk of chunks) cutter.cut(chunk, pass)
  cutter.end(pass)
  return messages
}

const texts = (messages: readonly Message[]): string[] => messages.map(({ data }) => `${data}`)

describe('Cutter', () => {
  it('cuts at line breaks, and takes a last line without one', () => {
    const messages = cut('lines', Buffer.from('one\ntw'), Buffer.from('o\r\n\nlast'))
    expect(texts(messages)).toEqual(['one', 'two', '', 'last'])
    expect(messages.every(({ kind }) => kind === 'text')).toBe(true)
  })

  it('cuts at NULs', () => {
    expect(texts(cut('nul', Buffer.from('a\nb\0c\0')))).toEqual(['a\nb', 'c'])
  })

  it('passes chunks as they come, cut where they are longer than a message can be', () => {
    expect(cut('chunks', Buffer.from('a\n'))).toEqual([messageOf(Buffer.from('a\n'))])
    const messages: Message[] = []
    const cutter = new Cutter('chunks', { largest: 2, kind: 'binary' })
    cutter.cut(Buffer.from('abc'), message => void messages.push(message))
    expect(texts(messages)).toEqual(['ab', 'c'])
    expect(messages.every(({ kind }) => kind === 'binary')).toBe(true)
  })

  it('takes a line that is no text for bytes', () => {
    expect(cut('lines', Buffer.from([0xff, 0x0a]))[0]?.kind).toBe('binary')
  })

  it('gives back what was laid into a stream, wherever that is torn', () => {
    const framing = fc.constantFrom(...FRAMINGS.filter(one => one !== 'chunks'))
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(framing, bodies, fc.array(fc.nat(200)), (how, arrays, tears) => {
        // With a delimiter a message cannot contain it, nor end as a line of Windows does.
        const sent = arrays
          .map(body => Buffer.from(how === 'length' ? body : body.filter(one => one > 0x0d)))
          .map(one => messageOf(one))
        const stream = Buffer.concat(sent.map(one => toBytes(one, how)))
        const places = [0, ...tears.filter(at => at < stream.length).sort((a, b) => a - b)]
        const chunks = places.map((at, index) => stream.subarray(at, places[index + 1]))
        expect(cut(how, ...chunks).map(({ data }) => data)).toEqual(sent.map(({ data }) => data))
      }),
    )
  })

  it('gives back the kinds of packets, and that nobody has said one', () => {
    const data = Buffer.from('can be read')
    const sent: Message[] = [{ data, kind: 'binary' }, { data, kind: 'text' }, messageOf(data)]
    const stream = Buffer.concat(sent.map(one => toBytes(one, 'packets')))
    expect(cut('packets', stream.subarray(0, 3), stream.subarray(3))).toEqual(sent)
    const long = { data: Buffer.alloc(16 * 1024 * 1024 + 1), kind: 'text' } as const
    expect(() => toBytes(long, 'packets')).toThrow('a message of more than 16 MiB')
  })

  it('does not put a message together that has no end', () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    const endless = Array.from({ length: 18 }, () => chunk)
    const limit = expect.objectContaining({ code: 'ERR_LIMIT' })
    expect(() => cut('lines', ...endless)).toThrow(limit)
    expect(() => cut('length', Buffer.from([0xff, 0xff, 0xff, 0xff, 0]))).toThrow(limit)
  })
})
