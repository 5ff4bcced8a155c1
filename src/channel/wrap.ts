import { Duplex } from 'node:stream'
import type { Channel, Message } from './types.ts'

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
export type Transit<In = Buffer, Out = In> = (
  chunk: In,
  pass: (part: Out) => void,
) => void | Promise<void>

/**
 * Puts a passage around a channel. Half-close, back-pressure, errors and reset are kept. Of a channel
 * of messages each passes by itself: what is made of its bytes is one message again.
 */
export function wrap(channel: Channel, { inbound, outbound }: Passage): Channel {
  const isStream = channel.framing === 'stream'
  return around(channel, channel.framing, {
    inbound: isStream || inbound === undefined ? inbound : ofMessages(inbound),
    outbound: isStream || outbound === undefined ? outbound : ofMessages(outbound),
  })
}

/** A channel around a channel, of this framing, that has its own duplex and the rest of the inner. */
export function around(
  channel: Channel,
  framing: Channel['framing'],
  passage: AnyPassage,
): Channel {
  return {
    duplex: new WrappedDuplex(channel.duplex, framing, passage),
    framing,
    facts: channel.facts,
    ...natureOf(channel),
    get local() {
      return channel.local
    },
    get remote() {
      return channel.remote
    },
    get farewell() {
      return channel.farewell
    },
    reset: () => channel.reset(),
  }
}

/** What holds for a channel and for all that is put around it. */
function natureOf(channel: Channel): Partial<Channel> {
  const { isLossy, usualFraming, largestMessage } = channel
  return {
    ...(isLossy === undefined ? {} : { isLossy }),
    ...(usualFraming === undefined ? {} : { usualFraming }),
    ...(largestMessage === undefined ? {} : { largestMessage }),
  }
}

/** A passage of bytes or messages, as the framings of both sides say. */
export interface AnyPassage {
  readonly inbound?: Transit<never, unknown> | undefined
  readonly outbound?: Transit<never, unknown> | undefined
  /** Hands on what was kept when the peer has ended its side. */
  readonly atInboundEnd?: ((pass: (part: unknown) => void) => void) | undefined
  /** The same when the handler has ended ours. */
  readonly atOutboundEnd?: ((pass: (part: unknown) => void) => void) | undefined
}

function ofMessages(transit: Transit): Transit<Message> {
  return (message, pass) => {
    const { data } = message
    const parts: Buffer[] = []
    const passWhole = (): void => {
      if (parts.length > 0 || data.length === 0) {
        pass({ ...message, data: Buffer.concat(parts) })
      }
    }
    const pending = transit(data, part => parts.push(part))
    return pending === undefined ? passWhole() : pending.then(passWhole)
  }
}

/** A stream that may keep the beginning of a message until the rest comes. */
export interface Keeping extends Duplex {
  /** Passes on what it keeps now. */
  flush(): void
}

/** Whether a stream is one. */
export function isKeeping(duplex: Duplex): duplex is Keeping {
  return 'flush' in duplex
}

const unchanged: Transit<unknown> = (chunk, pass) => pass(chunk)

class WrappedDuplex extends Duplex implements Keeping {
  readonly #inner: Duplex
  readonly #inbound: Transit<never, unknown>
  readonly #outbound: Transit<never, unknown>
  readonly #passage: AnyPassage
  #reading = false
  #busy = false
  #full = false
  #ended = false

  constructor(inner: Duplex, framing: Channel['framing'], passage: AnyPassage) {
    super({ allowHalfOpen: true, objectMode: framing === 'message' })
    this.#inner = inner
    this.#passage = passage
    this.#inbound = passage.inbound ?? unchanged
    this.#outbound = passage.outbound ?? unchanged
    inner.on('error', error => {
      this.#takeRest()
      this.destroy(error)
    })
    inner.on('close', () => {
      // Who has said all may be slow to read what came before the end.
      const isGood = inner.readableEnded && inner.writableFinished && this.writableEnded
      if (isGood && !this.readableEnded) this.once('end', () => this.destroy())
      else this.destroy()
    })
  }

  override _read(): void {
    this.#full = false
    if (!this.#reading) {
      this.#reading = true
      this.#inner.on('data', chunk => this.#receive(chunk))
      this.#inner.on('end', () => {
        this.#ended = true
        if (!this.#busy) this.#pushEnd()
      })
      // Whoever had it before may have paused it.
      this.#inner.resume()
    } else if (!this.#busy) {
      this.#inner.resume()
    }
  }

  #pushEnd(): void {
    this.#passage.atInboundEnd?.(part => this.push(part))
    this.push(null)
  }

  #receive(chunk: unknown): void {
    const pass = (part: unknown): void => {
      if (!this.push(part)) this.#full = true
    }
    this.#busy = true
    this.#inner.pause()
    this.#settle(this.#inbound, chunk, pass, () => {
      this.#busy = false
      if (this.#ended) this.#pushEnd()
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

  override _write(chunk: unknown, _encoding: string, done: (error?: Error | null) => void): void {
    let writable = true
    const pass = (part: unknown): void => {
      writable = this.#inner.write(part)
    }
    this.#settle(this.#outbound, chunk, pass, () => {
      if (writable) done()
      else this.#inner.once('drain', done)
    })
  }

  /** Without a promise the next step comes in the same turn: a layer that only looks costs little. */
  #settle(
    transit: Transit<never, unknown>,
    chunk: unknown,
    pass: (part: unknown) => void,
    then: () => void,
  ): void {
    try {
      const pending = transit(chunk as never, pass)
      if (pending === undefined) then()
      else pending.then(then, error => this.destroy(error))
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  /** Passes on what is kept for what still comes, as at the end, without one. */
  flush(): void {
    this.#passage.atOutboundEnd?.(part => this.#inner.write(part))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#passage.atOutboundEnd?.(part => this.#inner.write(part))
    this.#inner.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy(error ?? undefined)
    done(error)
  }
}
