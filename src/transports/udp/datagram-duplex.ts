import { Duplex } from 'node:stream'
import type { Message } from '../../channel/types.ts'
import { SockctlError } from '../../errors.ts'
import { formatBytes, formatDuration } from '../../units.ts'
import { LARGEST_DATAGRAM_BYTES } from './types.ts'

/** How long a conversation without a datagram is kept. An end of it that could be heard there is none. */
const IDLE_MS = 60_000

/** How much may wait for a slow reader. What comes beyond that is lost, as by any full queue. */
const MAX_WAITING_BYTES = 1024 * 1024

type Done = (error?: Error | null) => void

/** The socket below a conversation, which may serve others too. */
export interface DatagramWay {
  send(data: Buffer, done: (error: Error | null) => void): void
  /** The conversation is over. */
  leave(): void
  /** Whether our end is the end of it all: nobody would take an answer any more. */
  readonly endsWithUs: boolean
}

/** The datagrams of one peer as a stream of messages, one each. */
export class DatagramDuplex extends Duplex {
  /** Payload, as a net.Socket counts it. */
  bytesRead = 0
  bytesWritten = 0
  readonly #way: DatagramWay
  readonly #waiting: Message[] = []
  #waitingBytes = 0
  #droppedBytes = 0
  #dropped = 0
  #isWanted = false
  #hasEnded = false
  #idleMs = IDLE_MS
  #onIdle: (() => void) | undefined
  #timer: NodeJS.Timeout
  #isExpired = false

  constructor(way: DatagramWay) {
    super({ objectMode: true, allowHalfOpen: true })
    this.#way = way
    this.#timer = this.#startTimer()
  }

  /** How it went, where that is worth a word. */
  get ending(): string | undefined {
    const idle = this.#isExpired ? [`idle for ${formatDuration(this.#idleMs)}`] : []
    const lost =
      this.#dropped === 0
        ? []
        : [`dropped ${this.#dropped} that came too fast (${formatBytes(this.#droppedBytes)})`]
    const words = [...idle, ...lost]
    return words.length === 0 ? undefined : words.join(', ')
  }

  /** As `setTimeout` of a net.Socket: told after so much silence, in place of ending by itself. */
  setTimeout(idleMs: number, onIdle: () => void): this {
    this.#idleMs = idleMs
    this.#onIdle = onIdle
    clearTimeout(this.#timer)
    this.#timer = this.#startTimer()
    return this
  }

  /** Takes a datagram of the peer. */
  deliver(data: Buffer): void {
    if (this.#hasEnded || this.destroyed) return
    this.#timer.refresh()
    this.bytesRead += data.length
    const message: Message = { data, kind: 'binary', isGuess: true }
    if (this.#isWanted) {
      this.#isWanted = this.push(message)
    } else if (this.#waitingBytes + data.length > MAX_WAITING_BYTES) {
      this.#dropped++
      this.#droppedBytes += data.length
    } else {
      this.#waiting.push(message)
      this.#waitingBytes += data.length
    }
  }

  /** The peer says no more. What has come can still be read. */
  endOfPeer(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (this.#waiting.length === 0) this.push(null)
  }

  override _read(): void {
    this.#isWanted = true
    while (this.#isWanted) {
      const message = this.#waiting.shift()
      if (message === undefined) break
      this.#waitingBytes -= message.data.length
      this.#isWanted = this.push(message)
    }
    if (this.#hasEnded && this.#waiting.length === 0) this.push(null)
  }

  override _write({ data }: Message, _encoding: string, done: Done): void {
    if (data.length > LARGEST_DATAGRAM_BYTES) {
      const most = `${LARGEST_DATAGRAM_BYTES} at most`
      done(
        new SockctlError('ERR_LIMIT', `${data.length} bytes do not fit in one datagram (${most})`),
      )
      return
    }
    this.#timer.refresh()
    this.#way.send(data, error => {
      if (error === null) this.bytesWritten += data.length
      done(error)
    })
  }

  override _final(done: Done): void {
    if (this.#way.endsWithUs) this.endOfPeer()
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#timer)
    this.#way.leave()
    done(error)
  }

  #startTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#onIdle !== undefined) {
        this.#onIdle()
      } else if (this.#isExpired) {
        // A handler that has not ended by now waits for what cannot come.
        this.destroy()
      } else {
        this.#isExpired = true
        this.endOfPeer()
        this.#timer.refresh()
      }
    }, this.#idleMs).unref()
  }
}
