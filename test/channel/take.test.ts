import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeBytes, takeThrough } from '../../src/channel/take.ts'
import { failureFrom } from '../support/failure.ts'

/** A stream that gets its bytes in these pieces, each by itself. */
function inPieces(pieces: readonly (string | Buffer)[]): PassThrough {
  const stream = new PassThrough()
  let turn = Promise.resolve()
  for (const piece of pieces) {
    turn = turn.then(() => new Promise(resolve => setImmediate(resolve)))
    turn = turn.then(() => void stream.write(piece))
  }
  void turn.then(() => stream.end())
  return stream
}

describe('takeBytes', () => {
  it('takes as many as asked for, however they are cut, and leaves the rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 9 }),
        fc.nat(),
        async (pieces, cut) => {
          const all = Buffer.concat(pieces)
          const length = 1 + (cut % all.length)
          const stream = inPieces(pieces.map(piece => Buffer.from(piece)))
          const taken = await takeBytes(stream, length)
          const rest: Buffer[] = []
          stream.on('data', chunk => rest.push(chunk))
          await once(stream, 'end')
          expect(taken).toEqual(all.subarray(0, length))
          expect(Buffer.concat(rest)).toEqual(all.subarray(length))
        },
      ),
    )
  })

  it('says when the stream ends before', async () => {
    expect(await failureFrom(takeBytes(inPieces(['abc']), 4))).toMatchObject({
      code: 'ERR_INCOMPLETE',
    })
  })

  it('fails with what breaks the stream', async () => {
    const stream = new PassThrough()
    const taken = takeBytes(stream, 1)
    stream.destroy(new Error('broken'))
    await expect(taken).rejects.toThrow('broken')
  })

  it('fails at once on a stream that is over', async () => {
    const stream = new PassThrough()
    stream.destroy()
    await once(stream, 'close')
    await expect(takeBytes(stream, 1)).rejects.toThrow('left')
  })

  it('leaves the end to be heard by whoever comes after', async () => {
    const stream = inPieces(['abc'])
    expect(`${await takeBytes(stream, 3)}`).toBe('abc')
    stream.resume()
    await once(stream, 'end')
  })
})

describe('takeThrough', () => {
  it('takes all up to the ending, and leaves the rest', async () => {
    const stream = inPieces(['GET /\r', '\n\r', '\nrest'])
    expect(`${await takeThrough(stream, '\r\n\r\n', 100)}`).toBe('GET /\r\n\r\n')
    expect(`${await takeBytes(stream, 4)}`).toBe('rest')
  })

  it('goes no further than it may', async () => {
    const stream = inPieces(['x'.repeat(50)])
    expect(await failureFrom(takeThrough(stream, '\n', 20))).toMatchObject({ code: 'ERR_LIMIT' })
    expect(`${await takeBytes(stream, 30)}`).toBe('x'.repeat(30))
  })
})
