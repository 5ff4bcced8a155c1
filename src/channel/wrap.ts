import { Duplex } from 'node:stream'
import type { Channel } from './types.ts'

/** What a layer does to the bytes on their way. A direction that is left out passes untouched. */
export interface Passage {
  /** From the peer to the handler. */
  readonly inbound?: Transit
  /** From the handler to the peer. */
  readonly outbound?: Transit
}

/**
 * Takes a chunk and hands on, by `pass`, what becomes of it: all, parts, or nothing, now or later.
 * The next chunk comes when it has settled, which is what slows a sender down. A rejection breaks
 * the channel off with that error.
 */
export type Transit = (chunk: Buffer, pass: (part: Buffer) => void) => void | Promise<void>

/** Puts a passage around a channel of bytes. Half-close, back-pressure, errors and reset are kept. */
export function wrap(channel: Channel, passage: Passage): Channel {
  return {
    duplex: new WrappedDuplex(channel.duplex, passage),
    framing: channel.framing,
    facts: channel.facts,
    get local() {
      return channel.local
    },
    get remote() {
      return channel.remote
    },
    reset: () => channel.reset(),
  }
}

const unchanged: Transit = (chunk, pass) => pass(chunk)

class WrappedDuplex extends Duplex {
  readonly #inner: Duplex
  readonly #inbound: Transit
  readonly #outbound: Transit
  #reading = false
  #busy = false
  #full = false
  #ended = false

  constructor(inner: Duplex, { inbound = unchanged, outbound = unchanged }: Passage) {
    super({ allowHalfOpen: true })
    this.#inner = inner
    this.#inbound = inbound
    this.#outbound = outbound
    inner.on('error', error => {
      this.#takeRest()
      this.destroy(error)
    })
    inner.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#full = false
    if (!this.#reading) {
      this.#reading = true
      this.#inner.on('data', chunk => this.#receive(chunk))
      this.#inner.on('end', () => {
        this.#ended = true
        if (!this.#busy) this.push(null)
      })
    } else if (!this.#busy) {
      this.#inner.resume()
    }
  }

  #receive(chunk: Buffer): void {
    const pass = (part: Buffer): void => {
      if (!this.push(part)) this.#full = true
    }
    this.#busy = true
    this.#inner.pause()
    this.#settle(this.#inbound, chunk, pass, () => {
      this.#busy = false
      if (this.#ended) this.push(null)
      else if (!this.#full) this.#inner.resume()
    })
  }

  /** What came before a failure may still wait in a channel that was told to pause. */
  #takeRest(): void {
    if (!this.#reading || this.#busy) return
    for (let chunk = this.#inner.read(); chunk !== null; chunk = this.#inner.read()) {
      this.#settle(
        this.#inbound,
        chunk,
        part => this.push(part),
        () => {},
      )
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    let writable = true
    const pass = (part: Buffer): void => {
      writable = this.#inner.write(part)
    }
    this.#settle(this.#outbound, chunk, pass, () => {
      if (writable) done()
      else this.#inner.once('drain', done)
    })
  }

  /** Without a promise the next step comes in the same turn: a layer that only looks costs little. */
  #settle(transit: Transit, chunk: Buffer, pass: (part: Buffer) => void, then: () => void): void {
    try {
      const pending = transit(chunk, pass)
      if (pending === undefined) then()
      else pending.then(then, error => this.destroy(error))
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy(error ?? undefined)
    done(error)
  }
}
