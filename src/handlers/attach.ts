import type { Readable, Writable } from 'node:stream'
import { closed } from '../channel/pump.ts'
import { asStream } from '../channel/reframe.ts'
import type { Channel } from '../channel/types.ts'
import { type SockctlError, systemError } from '../errors.ts'
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
  return async (peer, { framing }) => {
    const channel = asStream(peer, framing)
    desk.admit(channel)
    try {
      await closed(channel.duplex)
    } finally {
      desk.dismiss(channel)
    }
    if (desk.failure !== undefined) throw desk.failure
  }
}

/** One input and one output that everybody shares. */
class Desk {
  readonly #input: Readable
  readonly #output: Writable
  /** Who is there, each with the timer of its end once it has ended its side. */
  readonly #peers = new Map<Channel, NodeJS.Timeout | undefined>()
  #isConnected = false
  /** Why the input cannot be read, if so. */
  failure: SockctlError | undefined

  constructor({ input, output }: AttachSettings) {
    this.#input = input
    this.#output = output
  }

  admit(channel: Channel): void {
    if (this.failure !== undefined) throw this.failure
    const { duplex } = channel
    this.#peers.set(channel, undefined)
    duplex.on('data', chunk => {
      if (!this.#output.write(chunk)) duplex.pause()
    })
    duplex.on('end', () => this.#endWhenQuiet(channel))
    duplex.on('drain', () => this.#listen())
    if (this.#input.readableEnded) duplex.end()
    this.#listen()
  }

  dismiss(channel: Channel): void {
    clearTimeout(this.#peers.get(channel))
    this.#peers.delete(channel)
    this.#listen()
  }

  /** Reads the input while there are peers and all of them keep up. */
  #listen(): void {
    const peers = [...this.#peers.keys()]
    const isWanted = peers.length > 0 && !peers.some(({ duplex }) => duplex.writableNeedDrain)
    if (isWanted && !this.#isConnected) this.#connect()
    if (isWanted) this.#input.resume()
    else this.#input.pause()
  }

  /** Not before somebody is there: what flows then would be lost. */
  #connect(): void {
    this.#isConnected = true
    this.#input.on('data', chunk => this.#say(chunk))
    this.#input.on('end', () => {
      for (const { duplex } of this.#peers.keys()) duplex.end()
    })
    this.#input.on('error', error => {
      this.failure = systemError('cannot read the input', error)
      for (const channel of this.#peers.keys()) channel.reset()
    })
    this.#output.on('drain', () => {
      for (const { duplex } of this.#peers.keys()) duplex.resume()
    })
  }

  #say(chunk: Buffer): void {
    for (const [{ duplex }, quiet] of this.#peers) {
      if (duplex.writable) duplex.write(chunk)
      quiet?.refresh()
    }
    this.#listen()
  }

  #endWhenQuiet(channel: Channel): void {
    const { duplex } = channel
    const quiet = setTimeout(() => {
      // A peer that is slow to read keeps the input waiting, not the other way round.
      if (duplex.writableNeedDrain) quiet.refresh()
      else duplex.end()
    }, QUIET_MS)
    this.#peers.set(channel, quiet)
  }
}
