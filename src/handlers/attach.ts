import type { Duplex, Readable, Writable } from 'node:stream'
import { closed } from '../channel/pump.ts'
import { systemError } from '../errors.ts'
import type { Handler } from './types.ts'

export interface AttachSettings {
  /** Read only while somebody is there to hear it. */
  readonly input: Readable
  /** Outlives the peers: never ended. */
  readonly output: Writable
}

/** Input that has brought nothing for so long is not waited for when the peer has ended its side. */
const QUIET_MS = 250

/**
 * Connects the peers to one input and output, as `nc -l` does: the input goes to all who are there,
 * its end ends our side, and what each of them sends goes to the output. A conversation is over when
 * the peer has ended its side, as soon as the input has nothing more at hand.
 */
export function attach(settings: AttachSettings): Handler {
  const desk = new Desk(settings)
  return async ({ duplex }) => {
    desk.admit(duplex)
    try {
      await closed(duplex)
    } finally {
      desk.dismiss(duplex)
    }
  }
}

/** One input and one output that everybody shares. */
class Desk {
  readonly #input: Readable
  readonly #output: Writable
  /** Who is there, each with the timer of its end once it has ended its side. */
  readonly #peers = new Map<Duplex, NodeJS.Timeout | undefined>()
  #isListening = false

  constructor({ input, output }: AttachSettings) {
    this.#input = input
    this.#output = output
  }

  admit(duplex: Duplex): void {
    this.#peers.set(duplex, undefined)
    duplex.on('data', chunk => {
      if (!this.#output.write(chunk)) duplex.pause()
    })
    duplex.on('end', () => this.#endWhenQuiet(duplex))
    duplex.on('drain', () => this.#listen())
    if (this.#input.readableEnded) duplex.end()
    this.#listen()
  }

  dismiss(duplex: Duplex): void {
    clearTimeout(this.#peers.get(duplex))
    this.#peers.delete(duplex)
    this.#listen()
  }

  /** Reads the input while there are peers and all of them keep up. */
  #listen(): void {
    const peers = [...this.#peers.keys()]
    const isWanted = peers.length > 0 && !peers.some(peer => peer.writableNeedDrain)
    if (!this.#isListening && isWanted) this.#connectInput()
    if (isWanted) this.#input.resume()
    else this.#input.pause()
  }

  /** Not before somebody is there: some inputs start to flow at once. */
  #connectInput(): void {
    this.#isListening = true
    this.#input.on('data', chunk => this.#say(chunk))
    this.#input.on('end', () => {
      for (const peer of this.#peers.keys()) peer.end()
    })
    this.#input.on('error', error => {
      for (const peer of this.#peers.keys())
        peer.destroy(systemError('cannot read the input', error))
    })
    this.#output.on('drain', () => {
      for (const peer of this.#peers.keys()) peer.resume()
    })
  }

  #say(chunk: Buffer): void {
    for (const [peer, quiet] of this.#peers) {
      if (peer.writable) peer.write(chunk)
      quiet?.refresh()
    }
    this.#listen()
  }

  #endWhenQuiet(peer: Duplex): void {
    const quiet = setTimeout(() => {
      // A peer that is slow to read keeps the input waiting, not the other way round.
      if (peer.writableNeedDrain) quiet.refresh()
      else peer.end()
    }, QUIET_MS)
    this.#peers.set(peer, quiet)
  }
}
