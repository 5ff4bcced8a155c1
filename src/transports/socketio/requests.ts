import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Channel } from '../../channel/types.ts'
import { errnoOf } from '../../errors.ts'
import { formatDuration } from '../../units.ts'
import type { ListenOptions, Refusal } from '../types.ts'
import { HANDSHAKE_MS } from '../upgrading-listener.ts'
import { describeBadRequest } from '../websocket/bad-request.ts'
import { withoutCredential } from '../websocket/credential.ts'
import { type Answer, rawAnswer, textHeaders } from '../websocket/text-answer.ts'

/** How long a peer may take to leave that is told to. */
const LEAVE_MS = 1000

/** What the requests of Socket.IO begin with, when nothing is said. */
const PATH = '/socket.io/'

/** A connection that carries requests. */
interface Carrier {
  readonly channel: Channel
  /** Until the request that it waits for has come; undefined while there is one. */
  timer: NodeJS.Timeout | undefined
}

/**
 * Speaks HTTP with each peer of a listener, for a server of Socket.IO that is attached to `http`. A
 * client may use several connections, one after the other or at a time; each has to make its next
 * request in time. Node looks after that itself only where it listens itself.
 */
export class Requests {
  readonly http = createServer((request, response) => this.#refuse(request, response))
  readonly #handshakeMs: number
  readonly #onRefused: (refusal: Refusal) => void
  readonly #carriers = new WeakMap<Duplex, Carrier>()
  readonly #open = new Set<Carrier>()

  constructor(
    { handshakeMs = HANDSHAKE_MS }: Pick<ListenOptions, 'handshakeMs'>,
    onRefused: (refusal: Refusal) => void,
  ) {
    this.#handshakeMs = handshakeMs
    this.#onRefused = onRefused
    this.http.on('clientError', (error, socket) => {
      // The connection itself has failed: there is nobody left to be told.
      if (errnoOf(error)?.startsWith('E')) socket.destroy()
      else this.#turnAway(socket, describeBadRequest(error))
    })
  }

  /** To be called when the server is attached: it takes over who listens by then. */
  watch(): void {
    this.http.on('request', (request, response) => this.#track(request, response))
    this.http.on('upgrade', (request, socket) => this.#upgrade(request, socket))
  }

  receive(channel: Channel): void {
    const { duplex } = channel
    // What fails while nobody looks must not end the process.
    duplex.on('error', () => {})
    const carrier: Carrier = { channel, timer: undefined }
    this.#carriers.set(duplex, carrier)
    this.#open.add(carrier)
    duplex.once('close', () => {
      clearTimeout(carrier.timer)
      this.#open.delete(carrier)
    })
    this.#await(carrier)
    this.http.emit('connection', duplex)
  }

  /** What a request came by, though it may be closed by now. */
  carrierOf({ socket }: IncomingMessage): Channel | undefined {
    return this.#carriers.get(socket)?.channel
  }

  /** Tells that who has made a request does not get in. */
  tellRefused(request: IncomingMessage, why: Pick<Refusal, 'reason' | 'error'>): void {
    this.#tell(this.carrierOf(request), why)
  }

  /** Breaks off what carries no request, and soon the rest: a peer that does not leave must not keep us. */
  close(): void {
    for (const { channel, timer } of this.#open) {
      if (timer !== undefined) channel.reset()
    }
    const resetAll = (): void => {
      for (const { channel } of this.#open) channel.reset()
    }
    setTimeout(resetAll, LEAVE_MS).unref()
  }

  #tell(channel: Channel | undefined, why: Pick<Refusal, 'reason' | 'error'>): void {
    if (channel !== undefined) this.#onRefused({ remote: channel.remote, ...why })
  }

  #await(carrier: Carrier): void {
    const { channel } = carrier
    carrier.timer = setTimeout(() => {
      const error = `no request in ${formatDuration(this.#handshakeMs)}`
      this.#tell(channel, { reason: 'handshake', error })
      channel.reset()
    }, this.#handshakeMs)
  }

  #track({ socket }: IncomingMessage, response: ServerResponse): void {
    const carrier = this.#carriers.get(socket)
    if (carrier === undefined) return
    clearTimeout(carrier.timer)
    carrier.timer = undefined
    response.once('close', () => {
      if (!socket.destroyed && carrier.timer === undefined) this.#await(carrier)
    })
  }

  #upgrade({ socket, url }: IncomingMessage, stream: Duplex): void {
    const carrier = this.#carriers.get(socket)
    clearTimeout(carrier?.timer)
    if (carrier !== undefined) carrier.timer = undefined
    if (isOurPath(url)) return
    this.#turnAway(stream, { status: 404, text: `there is only ${PATH} here, for Socket.IO` })
  }

  /** What was not asked of Socket.IO. */
  #refuse(request: IncomingMessage, response: ServerResponse): void {
    const { method, url } = request
    const answer: Answer = {
      status: 426,
      text: `this is Socket.IO: its clients ask for ${PATH}`,
    }
    const error = `${method} ${withoutCredential(url)} is not asked of Socket.IO`
    this.tellRefused(request, { reason: 'handshake', error })
    response.writeHead(answer.status, textHeaders(answer)).end(`${answer.text}\n`)
  }

  #turnAway(socket: Duplex, answer: Answer): void {
    this.#tell(this.#carriers.get(socket)?.channel, { reason: 'handshake', error: answer.text })
    socket.end(rawAnswer(answer))
    socket.resume()
    const timer = setTimeout(() => socket.destroy(), LEAVE_MS)
    socket.once('close', () => clearTimeout(timer))
  }
}

/** As engine.io sees it: by the beginning. */
function isOurPath(url = '/'): boolean {
  return url.startsWith(PATH)
}
