import type { Address } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { type AnySocket, type Line, SocketIoDuplex } from './socketio-duplex.ts'
import type { SocketIoOptions } from './types.ts'

/** A namespace of Socket.IO that somebody has joined as a channel of messages. */
export class SocketIoChannel implements Channel {
  readonly framing = 'message'
  readonly duplex: SocketIoDuplex
  readonly facts: Readonly<Record<string, string>>
  readonly #carrier: Channel
  readonly #line: Line

  constructor(
    carrier: Channel,
    { socket, line, facts }: SocketIoParts,
    options: SocketIoOptions = {},
  ) {
    this.#carrier = carrier
    this.#line = line
    this.facts = { ...carrier.facts, ...facts }
    this.duplex = new SocketIoDuplex(socket, line, options)
  }

  get local(): Address {
    return this.#carrier.local
  }

  get remote(): Address {
    return this.#carrier.remote
  }

  /** Not by a word of Socket.IO, which would be an end in good order. */
  reset(): void {
    this.duplex.expectBreak()
    this.#line.abort()
    this.#carrier.reset()
    this.duplex.destroy()
  }

  probe(): void {
    this.#carrier.probe?.()
  }
}

/** What a channel is made of, besides the connection that carries it. */
export interface SocketIoParts {
  readonly socket: AnySocket
  readonly line: Line
  /** The namespace, and how it is carried. */
  readonly facts: Readonly<Record<string, string>>
}
