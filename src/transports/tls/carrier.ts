import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { FirstBytes } from '../../channel/first-bytes.ts'
import type { Channel } from '../../channel/types.ts'
import { tellTruthfulEnd } from './truthful-end.ts'

/**
 * What TLS is laid over: the stream of a channel, and not its socket.
 *
 * Given a socket, Node takes its handle and reads past it. That is a quarter faster, and then nobody
 * can tell a reset from an end (as FaithfulSocket does), nor an end with close_notify from one
 * without; and what is reset beneath it at the wrong moment ends the process.
 *
 * It outlives the channel: Node closes a socket with what it lies over, were there still something
 * to be read. A failure of the channel comes as the end of what could be read; `failure` is why.
 */
export class Carrier extends Duplex {
  readonly #inner: Duplex
  readonly #head = new FirstBytes()
  #failure: Error | undefined
  #isOver = false
  #socket: TLSSocket | undefined

  constructor({ duplex }: Channel) {
    super({ allowHalfOpen: true, autoDestroy: false })
    this.#inner = duplex
    duplex.on('data', chunk => {
      this.#head.take(chunk)
      if (!this.push(chunk)) duplex.pause()
    })
    duplex.on('end', () => this.push(null))
    duplex.on('error', error => this.#fail(error))
    duplex.on('close', () => {
      // Not at its end, and without a word: it was broken off on this side.
      if (!duplex.readableEnded && duplex.errored === null) this.#socket?.destroy()
    })
    // Before anybody else hears of it.
    this.on('end', () => {
      this.#isOver = true
    })
  }

  /** What the peer began with, whatever becomes of it. */
  get head(): Buffer {
    return this.#head.bytes
  }

  /** Whether the end has been handed to who reads. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** What has broken the channel off. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /**
   * Waits until a socket that was laid over it has shaken hands. From then on the socket tells how it
   * ends by `tellTruthfulEnd`; many a client, in Python for one, never sends a close_notify.
   *
   * Rejects with what Node says, or with ECONNRESET where it was closed and nobody said why.
   */
  secured(socket: TLSSocket & TlsErrors, side: 'client' | 'server'): Promise<void> {
    this.#socket = socket
    return new Promise((resolve, reject) => {
      // It stays: whoever gets the socket listens later, and until then nothing may end the process.
      socket.on('error', reject)
      // What OpenSSL finds wrong Node passes by `destroy`: it would be kept silent before the end of a
      // handshake without a server of Node's, and could not be put into words after.
      socket._tlsError = error => {
        socket.destroy(error)
        return null
      }
      socket.once('close', () => reject(this.#failure ?? new HungUp()))
      socket.once(side === 'client' ? 'secureConnect' : 'secure', () => {
        tellTruthfulEnd(socket, this, side === 'client')
        // Out of the reach of OpenSSL, which is told by a callback of its own that it has finished:
        // what is closed in there it would still go on with.
        setImmediate(resolve)
      })
    })
  }

  override _read(): void {
    if (this.#inner.isPaused()) this.#inner.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#inner.write(chunk, done)
  }

  /** What OpenSSL has made in one go leaves in one go. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#inner.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: Done): void {
    if (this.#inner.destroyed) done()
    else this.#inner.end(done)
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#inner.destroy()
    done(error)
  }

  #fail(error: Error): void {
    this.#failure = error
    // Nobody reads any more: it can be told at once.
    if (this.readableEnded) this.#socket?.destroy(error)
    else this.push(null)
  }
}

type Done = (error?: Error | null) => void

/** Of node's internal _tls_wrap: told of an error, it returns what is to be emitted. */
interface TlsErrors {
  _tlsError?(error: Error): Error | null
}

class HungUp extends Error {
  readonly code = 'ECONNRESET'
}
