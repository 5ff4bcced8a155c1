import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Channel } from '../../channel/types.ts'
import { around } from '../../channel/wrap.ts'

/** So much of what a peer begins with is kept, to tell what it speaks. */
const HEAD_BYTES = 64

/**
 * What TLS is laid over: the stream of a channel, and not its socket.
 *
 * Given a socket, Node takes its handle and reads past it. That is a quarter faster, and then nobody
 * can tell a reset from an end (as FaithfulSocket does), nor an end with close_notify from one
 * without; and what is reset beneath it at the wrong moment ends the process.
 */
export class Carrier {
  readonly stream: Duplex
  #head: Buffer = Buffer.alloc(0)
  #isOver = false

  constructor(channel: Channel) {
    const { duplex } = around(channel, 'stream', {
      inbound: (chunk: Buffer, pass) => {
        if (this.#head.length < HEAD_BYTES) this.#head = Buffer.concat([this.#head, chunk])
        pass(chunk)
      },
    })
    duplex.on('end', () => {
      this.#isOver = true
    })
    this.stream = duplex
  }

  /** What the peer began with, whatever becomes of it. */
  get head(): Buffer {
    return this.#head
  }

  /** Whether the end has been handed to who reads. It is noted before anybody else hears of it. */
  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * Waits until a socket that was laid over it has shaken hands.
   *
   * Rejects with what Node says, or with ECONNRESET where it was closed and nobody said why.
   *
   * @param event with which the socket says so
   */
  secured(socket: TLSSocket & TlsErrors, event: 'secure' | 'secureConnect'): Promise<void> {
    // Node does not pass on what befalls a stream that is not a socket of its own.
    this.stream.on('error', error => socket.destroy(error))
    return new Promise((resolve, reject) => {
      // It stays: whoever gets the socket listens later, and until then nothing may end the process.
      socket.on('error', reject)
      // What OpenSSL finds wrong Node passes by `destroy`: it would be kept silent before the end of a
      // handshake without a server of Node's, and could not be put into words after.
      socket._tlsError = error => {
        socket.destroy(error)
        return null
      }
      socket.once('close', () => reject(new HungUp()))
      // Out of the reach of OpenSSL, which is told by a callback of its own that it has finished:
      // what is closed in there it would still go on with.
      socket.once(event, () => setImmediate(resolve))
    })
  }
}

/** Of node's internal _tls_wrap: told of an error, it returns what is to be emitted. */
interface TlsErrors {
  _tlsError?(error: Error): Error | null
}

class HungUp extends Error {
  readonly code = 'ECONNRESET'
}
