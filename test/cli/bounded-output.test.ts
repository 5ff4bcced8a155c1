import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { BoundedOutput } from '../../src/cli/bounded-output.ts'
import { CapturedStream } from '../support/context.ts'

describe('BoundedOutput', () => {
  it('writes what comes in one turn at once, in order', async () => {
    const batches: string[] = []
    const stream = new Writable({
      decodeStrings: false,
      writev: (chunks, done) => {
        batches.push(chunks.map(({ chunk }) => chunk).join('|'))
        done()
      },
    })
    const output = new BoundedOutput(stream)
    for (const piece of ['a', 'b', 'c']) output.write(piece)
    expect(batches).toEqual([])
    await new Promise(setImmediate)
    output.write('d')
    output.flush()
    expect(batches).toEqual(['a|b|c', 'd'])
  })

  it('drops what a slow reader leaves waiting, counts it, and goes on afterwards', () => {
    const held: (() => void)[] = []
    const stream = new Writable({
      write: (_chunk, _encoding, done) => held.push(done) && undefined,
    })
    const output = new BoundedOutput(stream, 10)
    for (let i = 0; i < 5; i++) output.write('12345678')
    expect(output.dropped).toBe(3)
    expect(stream.writableLength).toBe(16)
    output.flush()
    while (held.length > 0) held.shift()?.()
    output.write('later')
    expect(output.dropped).toBe(3)
  })

  it('keeps the order with what others write to the stream', () => {
    const stream = new CapturedStream(undefined)
    const output = new BoundedOutput(stream)
    output.write('first ')
    stream.write('second')
    output.flush()
    expect(stream.text).toBe('first second')
  })
})
