import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Channel } from '../../channel/types.ts'
import type { WebEndpoint } from '../../endpoint/types.ts'
import { type AdmissionRules, refusalOf } from './admission.ts'
import { describeBadRequest } from './bad-request.ts'
import { type PatientWebSocket, patient } from './patient-websocket.ts'
import { answerPlainRequest } from './plain-request.ts'
import { MAX_MESSAGE_BYTES, type WebSocketListenOptions } from './types.ts'
import { WebSocketChannel } from './websocket-channel.ts'

/** The two classes of the package `ws`. */
export interface WebSocketPackage {
  readonly WebSocket: typeof WebSocket
  readonly WebSocketServer: typeof WebSocketServer
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
  readonly #endpoint: WebEndpoint
  readonly #options: WebSocketListenOptions
  readonly #rules: AdmissionRules
  readonly #webSockets: WebSocketServer
  readonly #http = createServer({ requireHostHeader: false })
  readonly #arrivals = new WeakMap<Duplex, Arrival>()
  readonly #guests = new Set<Guest>()

  constructor(
    { WebSocket, WebSocketServer }: WebSocketPackage,
    endpoint: WebEndpoint,
    options: WebSocketListenOptions = {},
  ) {
    const { allowHosts = [], allowOrigins = [], subprotocols, compress } = options
    this.#endpoint = endpoint
    this.#options = options
    const ownName = endpoint.host === undefined ? [] : [endpoint.host.toLowerCase()]
    this.#rules = { hosts: [...ownName, ...allowHosts], origins: allowOrigins }
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: patient(WebSocket) as never,
      perMessageDeflate: compress === true,
      maxPayload: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      ...TIMEOUT,
      handleProtocols: offered => subprotocols?.find(one => offered.has(one)) ?? false,
    })
    this.#webSockets.on('wsClientError', ({ message }, socket) =>
      this.#turnAway(socket, 400, message),
    )
    this.#http.on('request', (request, response) => this.#answer(request, response))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#http.on('clientError', (error, socket) => {
      const { status, why } = describeBadRequest(error)
      this.#turnAway(socket, status, why)
    })
  }

  /** Rejects when the peer may not in, or does not speak HTTP; undefined: it wanted a page. */
  receive(channel: Channel): Promise<Channel | undefined> {
    return new Promise((resolve, reject) => {
      const arrival: Arrival = { channel, resolve, why: 'left before it had said what it wants' }
      this.#arrivals.set(channel.duplex, arrival)
      channel.duplex.once('close', () => {
        if (arrival.why === undefined) resolve(undefined)
        else reject(new Error(arrival.why))
      })
      this.#http.emit('connection', channel.duplex)
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const arrival = this.#arrivals.get(socket)
    if (arrival === undefined) return
    const refusal = this.#refusalOf(request, arrival.channel)
    const offered = request.headers['sec-websocket-protocol']
    if (refusal !== undefined) {
      this.#turnAway(socket, 403, refusal)
    } else if (!this.#isOurPath(request.url)) {
      const { path } = this.#endpoint
      this.#turnAway(socket, 404, `it asked for ${request.url}, and there is only ${path}`)
    } else if (!this.#hasSubprotocolFor(offered)) {
      this.#turnAway(socket, 400, `no subprotocol in common with "${offered}"`)
    } else {
      this.#shakeHands(arrival, request, head)
    }
  }

  #shakeHands(arrival: Arrival, request: IncomingMessage, head: Buffer): void {
    const { duplex } = arrival.channel
    this.#webSockets.handleUpgrade(request, duplex, head, ws => {
      arrival.resolve(this.#welcome(ws as PatientWebSocket, arrival.channel, request.url))
    })
  }

  #welcome(ws: PatientWebSocket, carrier: Channel, path = '/'): Channel {
    const facts: Record<string, string> = path === '/' ? {} : { path }
    const channel = new WebSocketChannel(ws, carrier, this.#options, facts)
    const guest = { channel, since: performance.now() }
    this.#guests.add(guest)
    ws.on('close', () => this.#guests.delete(guest))
    return channel
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const arrival = this.#arrivals.get(socket)
    if (arrival === undefined) return
    const refusal = this.#refusalOf(request, arrival.channel)
    arrival.why =
      refusal === undefined
        ? answerPlainRequest(request, response, {
            isOurPath: this.#isOurPath(request.url),
            path: this.#endpoint.path,
            hasConsole: this.#options.console === true,
            guests: this.#guests,
          })
        : sendRefusal(response, refusal)
  }

  #refusalOf({ headers }: IncomingMessage, { local }: Channel): string | undefined {
    const localHost = local.family === 'unix' ? '' : local.host
    return refusalOf({ host: headers.host, origin: headers.origin, localHost }, this.#rules)
  }

  /** Without a path any is ours; one without a query goes with each. */
  #isOurPath(url = '/'): boolean {
    const { path } = this.#endpoint
    return path === '/' || url === path || url.split('?')[0] === path
  }

  #hasSubprotocolFor(offered: string | undefined): boolean {
    const { subprotocols = [] } = this.#options
    // Who asks for none takes none.
    if (offered === undefined || subprotocols.length === 0) return true
    return offered.split(',').some(one => subprotocols.includes(one.trim()))
  }

  /** Answers what cannot become a WebSocket, and waits a moment for the peer to read it. */
  #turnAway(socket: Duplex, status: number, why: string): void {
    const arrival = this.#arrivals.get(socket)
    const body = `${why}\n`
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? ''}\r\nConnection: close\r\n` +
        `Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    socket.resume()
    if (arrival !== undefined) arrival.why = why
    const timer = setTimeout(() => socket.destroy(), LEAVE_MS)
    socket.once('close', () => clearTimeout(timer))
  }
}

interface Arrival {
  readonly channel: Channel
  /** Why it does not become a WebSocket; undefined: it has got what it wanted instead. */
  why: string | undefined
  resolve(channel: Channel): void
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  431: 'Request Header Fields Too Large',
}

function sendRefusal(response: ServerResponse, why: string): string {
  response.writeHead(403, { Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${why}\n`)
  return why
}
