import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Credentials } from '../../access/credentials.ts'
import type { PresentedCredential } from '../../access/presented.ts'
import type { Channel } from '../../channel/types.ts'
import type { WebEndpoint } from '../../endpoint/types.ts'
import type { ListenOptions, RefusalReason } from '../types.ts'
import { TurnedAway } from '../upgrading-listener.ts'
import { type AdmissionRules, refusalOf } from './admission.ts'
import { describeBadRequest } from './bad-request.ts'
import { type Admitted, verdictOn, withoutCredential } from './credential.ts'
import { type PatientWebSocket, patient } from './patient-websocket.ts'
import { answerPlainRequest } from './plain-request.ts'
import { chooseSubprotocol, hasSubprotocolFor } from './subprotocol.ts'
import { type Answer, FULL, rawAnswer, UNAUTHORIZED } from './text-answer.ts'
import { MAX_MESSAGE_BYTES, type WebSocketListenOptions } from './types.ts'
import { WebSocketChannel } from './websocket-channel.ts'

/** What a server is made of. */
export interface HandshakeSettings {
  /** The two classes of the package `ws`. */
  readonly WebSocket: typeof WebSocket
  readonly WebSocketServer: typeof WebSocketServer
  readonly endpoint: WebEndpoint
  readonly options: WebSocketListenOptions
  readonly credentials: Credentials | undefined
  readonly isFull: ListenOptions['isFull']
}

/** Who has shaken hands and is still here, in the order they came. */
export interface Guest {
  readonly channel: WebSocketChannel
  /** By `performance.now()`. */
  readonly since: number
}

/** How long a peer may take to leave that was told why it may not in. */
const LEAVE_MS = 1000

/** How long a peer may take to answer our close frame. The types do not know of it yet. */
const TIMEOUT = { closeTimeout: 2000 }

/** Speaks HTTP with each peer of a listener until it has become a WebSocket, or has left. */
export class HandshakeServer {
  readonly #settings: HandshakeSettings
  readonly #rules: AdmissionRules
  readonly #webSockets: WebSocketServer
  readonly #http = createServer({ requireHostHeader: false })
  readonly #arrivals = new WeakMap<Duplex, Arrival>()
  readonly #guests = new Set<Guest>()

  constructor(settings: HandshakeSettings) {
    const { WebSocket, WebSocketServer, endpoint, options } = settings
    const { allowHosts = [], allowOrigins = [], subprotocols } = options
    this.#settings = settings
    const ownName = endpoint.host === undefined ? [] : [endpoint.host.toLowerCase()]
    this.#rules = { hosts: [...ownName, ...allowHosts], origins: allowOrigins }
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: patient(WebSocket) as never,
      perMessageDeflate: options.compress === true,
      maxPayload: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      ...TIMEOUT,
      handleProtocols: (offered, { socket }) =>
        chooseSubprotocol([...offered], subprotocols, this.#arrivals.get(socket)?.presented),
    })
    this.#webSockets.on('wsClientError', ({ message }, socket) => {
      this.#turnAway(socket, { status: 400, text: message })
    })
    this.#http.on('request', (request, response) => void this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head))
    this.#http.on('clientError', (error, socket) => {
      this.#turnAway(socket, describeBadRequest(error))
    })
  }

  /** Rejects when the peer may not in, or does not speak HTTP; undefined: it wanted a page. */
  receive(channel: Channel): Promise<Channel | undefined> {
    return new Promise((resolve, reject) => {
      const arrival: Arrival = { channel, resolve, why: new Error(SILENT), presented: undefined }
      this.#arrivals.set(channel.duplex, arrival)
      channel.duplex.once('close', () => {
        if (arrival.why === undefined) resolve(undefined)
        else reject(arrival.why)
      })
      this.#http.emit('connection', channel.duplex)
    })
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const arrival = this.#arrivals.get(socket)
    if (arrival === undefined) return
    const answer = this.#refusalOf(request, arrival.channel) ?? this.#mismatchOf(request)
    if (answer !== undefined) return this.#turnAway(socket, answer)
    const verdict = await verdictOn(request, this.#settings.credentials)
    if (!verdict.isAdmitted) return this.#turnAway(socket, UNAUTHORIZED, verdict.why)
    if (this.#settings.isFull?.()) return this.#turnAway(socket, FULL)
    arrival.presented = verdict.presented
    this.#webSockets.handleUpgrade(request, socket, head, ws => {
      arrival.resolve(this.#welcome(ws as PatientWebSocket, arrival, { request, verdict }))
    })
  }

  #welcome(
    ws: PatientWebSocket,
    { channel: carrier }: Arrival,
    { request, verdict }: { readonly request: IncomingMessage; readonly verdict: Admitted },
  ): Channel {
    const path = withoutCredential(request.url)
    const channel = new WebSocketChannel(ws, carrier, this.#settings.options, {
      ...(path === '/' ? {} : { path }),
      ...(verdict.user === undefined ? {} : { user: verdict.user }),
    })
    const guest = { channel, since: performance.now() }
    this.#guests.add(guest)
    ws.on('close', () => this.#guests.delete(guest))
    return channel
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = this.#arrivals.get(request.socket)
    if (arrival === undefined) return
    const { endpoint, options, credentials } = this.#settings
    const refusal = this.#refusalOf(request, arrival.channel)
    const told = await answerPlainRequest(request, response, {
      refusal,
      isOurPath: this.#isOurPath(request.url),
      path: endpoint.path,
      subprotocols: options.subprotocols,
      hasConsole: options.console === true,
      credentials,
      guests: this.#guests,
    })
    arrival.why = told === undefined ? undefined : new Error(told)
  }

  #refusalOf({ headers }: IncomingMessage, { local }: Channel): Answer | undefined {
    const localHost = local.family === 'unix' ? '' : local.host
    const text = refusalOf({ host: headers.host, origin: headers.origin, localHost }, this.#rules)
    return text === undefined ? undefined : { status: 403, text }
  }

  #mismatchOf({ url, headers }: IncomingMessage): Answer | undefined {
    const { endpoint, options } = this.#settings
    if (!this.#isOurPath(url)) {
      const asked = withoutCredential(url)
      return { status: 404, text: `it asked for ${asked}, and there is only ${endpoint.path}` }
    }
    const version = headers['sec-websocket-version']
    // `ws` takes 8 as well: the draft that became 13.
    if (version && !['8', '13'].includes(version)) {
      return { status: 426, text: `it speaks WebSocket ${version}, and this is 13 (RFC 6455)` }
    }
    const offered = headers['sec-websocket-protocol']
    return hasSubprotocolFor(offered, options.subprotocols)
      ? undefined
      : { status: 400, text: `no subprotocol in common: ${options.subprotocols?.join(', ')}` }
  }

  /** Without a path any is ours; one without a query goes with each. */
  #isOurPath(url = '/'): boolean {
    const { path } = this.#settings.endpoint
    return path === '/' || url === path || url.split('?')[0] === path
  }

  /**
   * Answers what cannot become a WebSocket, and waits a moment for the peer to read it.
   *
   * @param why for us, where the peer is not told
   */
  #turnAway(socket: Duplex, answer: Answer, why = answer.text): void {
    const arrival = this.#arrivals.get(socket)
    socket.end(rawAnswer(answer))
    socket.resume()
    if (arrival !== undefined) {
      const reason = REASONS.get(answer)
      arrival.why = reason === undefined ? new Error(why) : new TurnedAway(reason, why)
    }
    const timer = setTimeout(() => socket.destroy(), LEAVE_MS)
    socket.once('close', () => clearTimeout(timer))
  }
}

/** Of answers that say more than that the handshake has failed. */
const REASONS: ReadonlyMap<Answer, RefusalReason> = new Map([
  [UNAUTHORIZED, 'credential'],
  [FULL, 'max-conns'],
])

const SILENT = 'left before it had said what it wants'

interface Arrival {
  readonly channel: Channel
  /** Why it does not become a WebSocket; undefined: it has got what it wanted instead. */
  why: Error | undefined
  presented: PresentedCredential | undefined
  resolve(channel: Channel): void
}
