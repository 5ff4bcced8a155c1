import type { Duplex } from 'node:stream'
import type { Address } from '../address.ts'
import { isClientHello } from '../channel/first-bytes.ts'
import type { Framing } from '../channel/framing.ts'
import { trafficOf } from '../channel/traffic.ts'
import { type Channel, isRaw } from '../channel/types.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'
import { errnoOf, SockctlError } from '../errors.ts'
import type { DialWishes, HandlerContext } from '../handlers/types.ts'
import type { CloseEvent, Ending } from './events.ts'
import type { ServeSettings } from './serve.ts'

/** How long a peer may keep its side open after the handler is done and everything is sent. */
const LINGER_MS = 2000

/** A channel, and by which transport it has come. */
export interface Arrival {
  readonly channel: Channel
  readonly scheme: Scheme
}

/** One accepted channel from open to close. */
export class Conversation implements HandlerContext {
  readonly id: number
  readonly scheme: Scheme
  readonly #channel: Channel
  readonly #settings: ServeSettings
  readonly #startedAt = performance.now()
  #dialled: Channel | undefined
  #target: Endpoint | undefined
  #peerEndedFirst = false
  #error: unknown
  #stopped = false

  constructor(id: number, { channel, scheme }: Arrival, settings: ServeSettings) {
    this.id = id
    this.scheme = scheme
    this.#channel = channel
    this.#settings = settings
  }

  /** Runs the handler to its end and closes the channel; a failure ends this conversation only. */
  async run(): Promise<CloseEvent> {
    const { duplex } = this.#channel
    duplex.on('end', () => {
      this.#peerEndedFirst = !duplex.writableEnded
    })
    // Errors are read from `duplex.errored`; without a listener they would end the process.
    duplex.on('error', unheeded)
    const { layers, handler, remarksTls } = this.#settings
    if (remarksTls && isRaw(duplex)) duplex.peek(this.#remarkTls)
    let outermost = this.#channel
    try {
      outermost = layers.reduce((channel, layer) => layer(channel), this.#channel)
      await handler(outermost, this)
    } catch (error) {
      this.#error ??= error
      if (!duplex.destroyed) this.#channel.reset()
    }
    // A layer may still hold what the handler has sent.
    await finish(outermost.duplex)
    await finish(duplex)
    return this.#closeEvent()
  }

  get remote(): Address {
    return this.#channel.remote
  }

  get framing(): Framing | undefined {
    return this.#settings.framing
  }

  async dial(endpoint: Endpoint, wishes: DialWishes = {}): Promise<Channel> {
    const { dial, sendProxy } = this.#settings
    const { remote: source, local: destination } = this.#channel
    const ends = { source, destination }
    const announce = sendProxy && { version: sendProxy, ends }
    const channel = await dial(endpoint, announce === undefined ? wishes : { ...wishes, announce })
    this.#dialled = channel
    this.#target = endpoint
    return channel
  }

  #remarkTls = (chunk: Buffer): void => {
    if (isClientHello(chunk)) this.note('speaks TLS, and this port does not: serve --tls')
  }

  /** Looks whether both ends are still there, where nobody would hear that they are not. */
  probe(): void {
    this.#channel.probe?.()
    this.#dialled?.probe?.()
  }

  note(text: string): void {
    this.#settings.onEvent({ event: 'note', id: this.id, text })
  }

  /** Ends it now. Unsent data makes it a reset, so that the peer can tell. */
  stop(): void {
    this.#stopped = true
    const { duplex } = this.#channel
    if (duplex.writableLength > 0) this.#channel.reset()
    else duplex.destroy()
  }

  /** Ends it now because the peer may no longer be in. */
  turnOut(): void {
    this.#error = new SockctlError('ERR_DENIED', 'no longer allowed in')
    if (this.#channel.turnAway === undefined) this.#channel.reset()
    else this.#channel.turnAway('no-longer')
  }

  #closeEvent(): CloseEvent {
    const { duplex, remote, ending, farewell } = this.#channel
    return {
      event: 'close',
      id: this.id,
      remote,
      ...trafficOf(duplex),
      durationMs: performance.now() - this.#startedAt,
      ...(this.#target === undefined ? {} : { target: this.#target }),
      ...this.#ending(),
      ...(ending === undefined ? {} : { ending }),
      ...(farewell === undefined ? {} : { farewell }),
    }
  }

  #ending(): Ending {
    if (this.#stopped) return { by: 'us', how: 'stop' }
    const error = this.#channel.duplex.errored ?? this.#error
    if (error === undefined || error === null) {
      return { by: this.#peerEndedFirst ? 'peer' : 'us', how: 'fin' }
    }
    const text = error instanceof Error ? error.message : String(error)
    if (['ECONNRESET', 'EPIPE'].includes(errnoOf(error) ?? '')) return { by: 'peer', how: 'rst' }
    const code = error instanceof SockctlError ? error.code : undefined
    if (code === 'ERR_TIMEOUT') return { by: 'us', how: 'timeout', error: text }
    // Of this channel: what broke off a handler's other side was not this peer.
    const isOwn = error === this.#channel.duplex.errored
    if (code === 'ERR_RESET' && isOwn) return { by: 'peer', how: 'rst' }
    if (code === 'ERR_LIMIT') return { by: 'us', how: 'limit', error: text }
    return { by: 'us', how: 'error', error: text }
  }
}

function unheeded(): void {}

/** Ends our side, drops what still comes, and waits for the peer's end, but not for ever. */
function finish(duplex: Duplex): Promise<void> {
  if (duplex.closed) return Promise.resolve()
  return new Promise(resolve => {
    let linger: NodeJS.Timeout | undefined
    duplex.once('close', () => {
      clearTimeout(linger)
      resolve()
    })
    duplex.resume()
    // A slow peer takes what is on its way in its own time.
    duplex.end(() => {
      if (!duplex.closed) linger = setTimeout(() => duplex.destroy(), LINGER_MS)
    })
  })
}
