import type { Duplex, Readable } from 'node:stream'
import { isKeeping } from '../channel/wrap.ts'

/** What becomes of our side of a conversation when there is nothing more to send. */
export type AtInputEnd =
  | 'half-close' // the peer is told; what it still says is read
  | 'keep-open' // the peer is not told, for those that hang up on a FIN
  | 'close' // the conversation is over

export interface OutgoingEvents {
  /** Something was handed to the system. */
  progress(): void
  /** All of the input has been, and the peer was told of its end where it is to be told. */
  sent(): void
  /** The input cannot be read. */
  failed(error: Error): void
}

/** Sends an input to a peer as fast as the peer takes it. */
export class Outgoing {
  readonly #input: Readable
  readonly #duplex: Duplex
  readonly #atEnd: AtInputEnd
  readonly #events: OutgoingEvents
  #bytes = 0
  #pendingWrites = 0
  #inputEnded = false
  #isSent = false
  #isStopped = false

  constructor(input: Readable, duplex: Duplex, atEnd: AtInputEnd, events: OutgoingEvents) {
    this.#input = input
    this.#duplex = duplex
    this.#atEnd = atEnd
    this.#events = events
    input.on('data', this.#onData)
    input.on('end', this.#onEnd)
    input.on('error', this.#onError)
    duplex.on('drain', this.#onDrain)
  }

  /** What was handed to the system so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether the peer is behind with reading. */
  get isBehind(): boolean {
    return this.#pendingWrites > 0
  }

  get isSent(): boolean {
    return this.#isSent
  }

  /** Leaves the input alone from now on, and tells no more. */
  stop(): void {
    this.#isStopped = true
    this.#input.off('data', this.#onData)
    this.#input.off('end', this.#onEnd)
    this.#duplex.off('drain', this.#onDrain)
    this.#input.pause()
  }

  #onData = (chunk: Buffer): void => {
    this.#pendingWrites++
    const takesMore = this.#duplex.write(chunk, error => {
      if (error == null) this.#onWritten(chunk.length)
    })
    if (!takesMore) this.#input.pause()
  }

  #onDrain = (): void => {
    this.#input.resume()
  }

  #onWritten(length: number): void {
    if (this.#isStopped) return
    this.#pendingWrites--
    this.#bytes += length
    this.#events.progress()
    if (this.#inputEnded && this.#atEnd === 'keep-open') this.#finishWhenWritten()
  }

  #onEnd = (): void => {
    this.#inputEnded = true
    if (this.#atEnd === 'keep-open') this.#finishWhenWritten()
    else this.#duplex.end((error?: Error | null) => this.#finish(error))
  }

  #finishWhenWritten(): void {
    if (this.#pendingWrites > 0) return
    // A last line without its end is a message all the same, though no end of our side is told.
    if (isKeeping(this.#duplex)) this.#duplex.flush()
    this.#finish()
  }

  #finish(error?: Error | null): void {
    if (error != null || this.#isStopped) return
    this.#isSent = true
    this.#events.sent()
  }

  // Stays on after `stop`: an error that nobody hears would end the process.
  #onError = (error: Error): void => {
    this.#events.failed(error)
  }
}
