import { once } from 'node:events'
import { Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { closed, pump } from '../../src/channel/pump.ts'
import type { RawDuplex, Take } from '../../src/channel/types.ts'

/** A sink that takes a chunk when it is told to. */
class Tap extends Writable {
  readonly taken: string[] = []
  #done: (() => void) | undefined

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.taken.push(String(chunk))
    this.#done = done
  }

  turn(): void {
    const done = this.#done
    this.#done = undefined
    done?.()
  }
}

/** Raw as a socket is: lends what it is told to, and has sent what it is told to. */
class Line extends Duplex implements RawDuplex {
  readonly written: string[] = []
  #take: Take | undefined
  #done: (() => void) | undefined

  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.written.push(String(chunk))
    this.#done = done
  }

  sent(): void {
    this.#done?.()
  }

  get isReceived(): boolean {
    return this.#take !== undefined
  }

  /** Nobody looks. */
  peek(): void {}

  receive(take: Take): void {
    this.#take = take
  }

  give(text: string, isLent: boolean): void {
    if (this.#take?.(Buffer.from(text), isLent) === false) this.pause()
  }
}

describe('pump', () => {
  it('copies what comes, and passes the end on', async () => {
    const to = new PassThrough()
    pump(Readable.from([Buffer.from('a'), Buffer.from('b')]), to)
    expect(String(Buffer.concat(await to.toArray()))).toBe('ab')
  })

  it('reads no more while the other side is full, and goes on when it is not', async () => {
    const chunks = Array.from({ length: 20 }, (_, i) => Buffer.alloc(20_000, String(i % 10)))
    let read = 0
    const from = new Readable({
      // Node's own choice, 16 or 64 KiB, depends on its version.
      highWaterMark: 16 * 1024,
      read() {
        this.push(chunks[read++] ?? null)
      },
    })
    const to = new Tap({ highWaterMark: 30_000 })
    pump(from, to)
    await new Promise(resolve => setImmediate(resolve))
    expect(to.taken.length).toBe(1)
    expect(read).toBeLessThan(6)
    const turning = setInterval(() => to.turn(), 1)
    await finished(to)
    clearInterval(turning)
    expect(to.taken.length).toBe(20)
  })

  it('does not stop for a stream that takes everything at once, however large', async () => {
    const from = new PassThrough()
    let pauses = 0
    from.on('pause', () => pauses++)
    const to = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done() })
    pump(from, to)
    from.write(Buffer.alloc(100_000))
    from.end(Buffer.alloc(100_000))
    await finished(to)
    expect(pauses).toBe(0)
  })

  it('has a raw stream wait until what it has lent is sent, however little', async () => {
    const [from, to] = [new Line(), new Line()]
    pump(from, to)
    from.give('its own', false)
    expect(from.isPaused()).toBe(false)
    from.give('lent', true)
    expect(from.isPaused()).toBe(true)
    to.sent()
    expect(from.isPaused()).toBe(true)
    const resumed = once(from, 'resume')
    to.sent()
    await resumed
    expect(to.written).toEqual(['its own', 'lent'])
  })

  it('has it go on when what it has lent is sent at once', () => {
    const [from, to] = [new Line(), new Line({ highWaterMark: 1 })]
    to._write = (_chunk, _encoding, done) => done()
    pump(from, to)
    from.give('lent', true)
    expect(from.isPaused()).toBe(false)
  })

  it('lends nothing to a stream that may keep it, as a layer does', () => {
    const from = new Line()
    pump(from, new PassThrough())
    expect(from.isReceived).toBe(false)
  })
})

describe('closed', () => {
  const quiet = (): Duplex => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })

  it('settles when the stream is closed', async () => {
    const stream = quiet()
    const waiting = closed(stream)
    stream.destroy()
    await waiting
    await closed(stream)
  })

  it('rejects with the error that closed it, before and after', async () => {
    const stream = quiet()
    const waiting = closed(stream)
    stream.destroy(new Error('broken'))
    await expect(waiting).rejects.toThrow('broken')
    await expect(closed(stream)).rejects.toThrow('broken')
  })
})
