import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { OutputStream } from '../../src/cli/context.ts'
import { writePieces } from '../../src/cli/write-pieces.ts'
import { fakeContext } from '../support/context.ts'

const LINE = `${'x'.repeat(99)}\n`

/** Makes lines without end, and counts them. */
function* endlessLines(made: { count: number }): Generator<string> {
  for (;;) {
    made.count++
    yield LINE
  }
}

/** A reader that takes what it is given only when it is told to. */
function slowReader(): { stdout: OutputStream; read(): void; chunks: number } {
  const waiting: (() => void)[] = []
  const reader = {
    chunks: 0,
    read: () => waiting.shift()?.(),
    stdout: new Writable({
      write(_chunk, _encoding, done) {
        reader.chunks++
        waiting.push(done)
      },
    }),
  }
  return reader
}

describe('writePieces', () => {
  it('writes everything, many pieces at a time', async () => {
    const context = fakeContext()
    let writes = 0
    context.stdout.on('written', () => writes++)
    await writePieces(
      Array.from({ length: 5000 }, () => LINE),
      context,
    )
    expect(context.stdout.text).toBe(LINE.repeat(5000))
    expect(writes).toBeLessThan(10)
  })

  it('writes nothing for nothing', async () => {
    const context = fakeContext()
    await writePieces([], context)
    expect(context.stdout.text).toBe('')
  })

  it('makes no more than its reader takes', async () => {
    const made = { count: 0 }
    const output = new AbortController()
    const reader = slowReader()
    const { stdout } = reader
    const written = writePieces(endlessLines(made), { stdout, outputClosed: output.signal })
    const first = made.count
    await new Promise(setImmediate)
    expect(made.count).toBe(first)
    reader.read()
    await new Promise(setImmediate)
    expect(made.count).toBe(2 * first)
    output.abort()
    await written
  })

  it('stops when nobody reads any more', async () => {
    const made = { count: 0 }
    const output = new AbortController()
    output.abort()
    const { stdout, chunks } = slowReader()
    await writePieces(endlessLines(made), { stdout, outputClosed: output.signal })
    expect(chunks).toBe(0)
  })
})
