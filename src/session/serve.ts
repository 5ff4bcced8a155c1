import type { Address } from '../address.ts'
import type { Framing } from '../channel/framing.ts'
import type { Channel } from '../channel/types.ts'
import { standingAt } from '../endpoint/standing.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'
import type { Handler } from '../handlers/types.ts'
import type { Layer } from '../layers/types.ts'
import { dial, listen } from '../transports/index.ts'
import type { HeaderVersion } from '../transports/proxy-protocol/types.ts'
import type {
  AcceptTrouble,
  DialOptions,
  Listener,
  ListenOptions,
  RefusalReason,
} from '../transports/types.ts'
import { type Arrival, Conversation } from './conversation.ts'
import type { SessionEvent } from './events.ts'

/** How long an abandoned handler may take to notice that its channel has closed. */
const ABANDON_MS = 2000

/** How often it is looked for peers that have gone unheard. */
const PROBE_MS = 2000

export interface ServeOptions {
  readonly endpoints: readonly Endpoint[]
  readonly handler: Handler
  /** Applied in order to each channel before the handler gets it. Default: none. */
  readonly layers?: readonly Layer[]
  readonly listen?: ListenOptions
  /** How handlers open connections. Default: by the transport of the endpoint's scheme. */
  readonly dial?: (endpoint: Endpoint, options?: DialOptions) => Promise<Channel>
  /** Connections that handlers open begin with a header of the PROXY protocol: whom they are for. */
  readonly sendProxy?: HeaderVersion | undefined
  /** Connections at a time. One more is closed at once. */
  readonly maxConns?: number | undefined
  /** Connections in all; then the session ends as soon as they are over. */
  readonly accepts?: number | undefined
  /** Whether a peer may be in by what holds now. Asked again by `recheck`. Default: everybody may. */
  readonly mayStay?: (remote: Address) => boolean
  /** How long `stop` waits for what is open. Default: 2000. */
  readonly graceMs?: number
  /** How messages and bytes become each other. Default: as suits the handler. */
  readonly framing?: Framing | undefined
  /** Notes a peer that begins with TLS where nothing is under it. Default: that may be on purpose. */
  readonly remarksTls?: boolean | undefined
  readonly onEvent?: (event: SessionEvent) => void
}

/** The same with nothing left open. */
export type ServeSettings = ServeOptions & Required<Pick<ServeOptions, keyof typeof DEFAULTS>>

const DEFAULTS = {
  layers: [],
  listen: {},
  dial,
  mayStay: () => true,
  graceMs: 2000,
  onEvent: () => {},
} satisfies Partial<ServeOptions>

/**
 * Listens on all endpoints, or on none, and runs the handler for every connection.
 *
 * @throws ERR_IN_USE, ERR_DENIED, ERR_NOT_FOUND, ERR_UNSUPPORTED from listening
 */
export async function serve(options: ServeOptions): Promise<ServeSession> {
  const settings: ServeSettings = { ...DEFAULTS, ...options }
  let session: ServeSession | undefined
  const isFull = (): boolean => session?.isFull === true
  const listeners: Door[] = []
  const standing: Endpoint[] = []
  try {
    for (const endpoint of settings.endpoints) {
      const listener = await listen(endpoint, { ...settings.listen, isFull })
      const ends = listener.addresses.map(address => standingAt(endpoint, address))
      listeners.push({ listener, scheme: ends[0]?.scheme ?? endpoint.scheme })
      standing.push(...ends)
    }
  } catch (error) {
    await Promise.all(listeners.map(({ listener }) => listener.close()))
    throw error
  }
  session = new ServeSession(listeners, standing, settings)
  return session
}

/** What listens, and by which transport those come who come out of it. */
interface Door {
  readonly listener: Listener
  readonly scheme: Scheme
}

/** An open server, from listening to the end of its last conversation. */
export class ServeSession {
  /** The real addresses of all listeners. */
  readonly addresses: readonly Address[]
  /** The same as one would dial them: the endpoints that were asked for, at their addresses. */
  readonly endpoints: readonly Endpoint[]
  /** Settles when the session has stopped and every conversation is over. Never rejects. */
  readonly over: Promise<void>
  readonly #listeners: readonly Door[]
  readonly #settings: ServeSettings
  readonly #open = new Set<Conversation>()
  #accepted = 0
  #becomeIdle: (() => void) | undefined

  constructor(listeners: readonly Door[], endpoints: readonly Endpoint[], settings: ServeSettings) {
    this.#listeners = listeners
    this.#settings = settings
    this.addresses = listeners.flatMap(({ listener }) => listener.addresses)
    this.endpoints = endpoints
    settings.onEvent({ event: 'listening', addresses: this.addresses, endpoints })
    this.over = this.#run(this.#begin())
  }

  /** How many conversations are open. */
  get openCount(): number {
    return this.#open.size
  }

  /** Whether one more would be turned away. */
  get isFull(): boolean {
    const { maxConns = Infinity, accepts = Infinity } = this.#settings
    // Beyond `accepts`: a connection that was already in the queue when the last one came.
    return this.#accepted >= accepts || this.#open.size >= maxConns
  }

  /** Stops accepting at once, waits up to `graceMs` for what is open, and ends the rest. */
  async stop(): Promise<void> {
    await this.#closeListeners()
    if (this.#open.size === 0) return
    const { graceMs, onEvent } = this.#settings
    onEvent({ event: 'draining', open: this.#open.size, graceMs })
    const timer = setTimeout(() => this.abandon(), graceMs)
    await this.over
    clearTimeout(timer)
  }

  /** Ends the conversations with those who may not stay. */
  recheck(): void {
    for (const conversation of this.#open) {
      if (!this.#settings.mayStay(conversation.remote)) conversation.turnOut()
    }
  }

  /** Stops accepting and ends every conversation now. */
  abandon(): void {
    void this.#closeListeners()
    for (const conversation of this.#open) conversation.stop()
    // Not even a handler that never settles keeps the session from being over.
    setTimeout(() => this.#becomeIdle?.(), ABANDON_MS).unref()
  }

  #begin(): () => void {
    const { handler, dial, sendProxy, onEvent } = this.#settings
    const announce = sendProxy && ({ version: sendProxy, ends: 'unknown' } as const)
    const end = handler.begin?.({
      dial: (endpoint, wishes) => dial(endpoint, { ...wishes, announce }),
      notice: text => onEvent({ event: 'trouble', text }),
    })
    return end ?? (() => {})
  }

  /** @param end what the handler does at the end */
  async #run(end: () => void): Promise<void> {
    const probes = setInterval(() => {
      for (const conversation of this.#open) conversation.probe()
    }, PROBE_MS).unref()
    await Promise.all(this.#listeners.map(one => this.#acceptFrom(one)))
    if (this.#open.size > 0) {
      await new Promise<void>(resolve => {
        this.#becomeIdle = resolve
      })
    }
    clearInterval(probes)
    end()
  }

  async #acceptFrom({ listener, scheme }: Door): Promise<void> {
    listener.onTrouble = trouble => {
      this.#settings.onEvent({ event: 'trouble', text: describe(trouble) })
    }
    listener.onRefused = refusal => this.#settings.onEvent({ event: 'refused', ...refusal })
    for await (const channel of listener) this.#accept({ channel, scheme })
  }

  #accept(arrival: Arrival): void {
    const { accepts, onEvent } = this.#settings
    const { channel } = arrival
    const { remote, local, facts } = channel
    const reason = this.#reasonAgainst(remote)
    if (reason !== undefined) {
      channel.duplex.on('error', () => {})
      if (channel.turnAway === undefined) channel.duplex.destroy()
      else channel.turnAway(reason === 'denied' ? 'denied' : 'full')
      onEvent({ event: 'refused', remote, reason })
      return
    }
    const conversation = new Conversation(++this.#accepted, arrival, this.#settings)
    this.#open.add(conversation)
    onEvent({ event: 'open', id: conversation.id, local, remote, facts })
    void conversation.run().then(closeEvent => {
      onEvent(closeEvent)
      this.#open.delete(conversation)
      if (this.#open.size === 0) this.#becomeIdle?.()
    })
    if (this.#accepted === accepts) void this.#closeListeners()
  }

  #reasonAgainst(remote: Address): RefusalReason | undefined {
    if (this.isFull) return 'max-conns'
    // What holds may have changed while it shook hands.
    return this.#settings.mayStay(remote) ? undefined : 'denied'
  }

  async #closeListeners(): Promise<void> {
    await Promise.all(this.#listeners.map(({ listener }) => listener.close()))
  }
}

function describe(trouble: AcceptTrouble): string {
  switch (trouble.kind) {
    case 'recovered':
      return 'accepting connections again'
    case 'turning-away':
      return `cannot accept, turning connections away: ${trouble.error.message}`
    case 'notice':
      return trouble.text
  }
}
