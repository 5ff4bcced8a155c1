import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Server, Socket } from 'socket.io'
import { NOT_ALLOWED_IN } from '../../access/credentials.ts'
import { credentialOfRequest } from '../../access/presented.ts'
import type { Address } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import { AcceptQueue } from '../accept-queue.ts'
import type { AcceptTrouble, ByteTransport, Listener, ListenOptions, Refusal } from '../types.ts'
import { type AdmissionRules, refusalOf } from '../websocket/admission.ts'
import { FULL } from '../websocket/text-answer.ts'
import { MAX_MESSAGE_BYTES } from '../websocket/types.ts'
import { Requests } from './requests.ts'
import { lineOf } from './server-line.ts'
import { SocketIoChannel } from './socketio-channel.ts'

/**
 * Listens for Socket.IO on a listener of another transport.
 *
 * @returns a listen that throws what the carrier's throws
 */
export function listenOver(
  carrier: ByteTransport,
  scheme: InetEndpoint['scheme'],
): (endpoint: WebEndpoint, options: ListenOptions) => Promise<Listener> {
  return async (endpoint, options) => {
    const { host, port } = endpoint
    const socketIo = await import('socket.io')
    const inner = await carrier.listen({ scheme, host, port }, options)
    return new SocketIoListener(inner, endpoint, { ...options, Server: socketIo.Server })
  }
}

/** Who is turned away is told after this time, whatever it was that took less: time tells nothing. */
const REFUSAL_MS = 50

/** How long the requests of those who are gone may take to be noticed. */
const CLOSING_MS = 250

class SocketIoListener implements Listener {
  onTrouble: ((trouble: AcceptTrouble) => void) | undefined
  onRefused: ((refusal: Refusal) => void) | undefined
  readonly #inner: Listener
  readonly #options: ListenOptions
  readonly #rules: AdmissionRules
  readonly #queue = new AcceptQueue()
  readonly #requests: Requests
  readonly #io: Server
  readonly #open = new Set<Channel>()
  #isClosed = false

  constructor(
    inner: Listener,
    { path, host }: WebEndpoint,
    { Server: IoServer, ...options }: ListenOptions & { readonly Server: typeof Server },
  ) {
    const { allowHosts = [], allowOrigins = [], maxMessageBytes } = options.websocket ?? {}
    this.#inner = inner
    this.#options = options
    const ownName = host === undefined ? [] : [host.toLowerCase()]
    this.#rules = { hosts: [...ownName, ...allowHosts], origins: allowOrigins }
    this.#requests = new Requests(options, refusal => this.onRefused?.(refusal))
    this.#io = new IoServer(this.#requests.http, {
      serveClient: false,
      // Any peer may ask for a namespace of any name: none is kept that nobody is in.
      cleanupEmptyChildNamespaces: true,
      maxHttpBufferSize: maxMessageBytes ?? MAX_MESSAGE_BYTES,
      // Who may in is decided below, by structure; for those who may the browser wants to hear it.
      cors: { origin: true, credentials: true },
      allowRequest: (request, answer) => this.#admit(request, answer),
    })
    this.#requests.watch()
    this.#io.engine.on('connection_error', error => this.#onBadRequest(error))
    const namespaces = path === '/' ? [this.#io.of('/'), this.#io.of(/^\/.+/)] : [this.#io.of(path)]
    for (const namespace of namespaces) {
      namespace.use((socket, next) => void this.#ask(socket).then(next))
      namespace.use((socket, next) => next(this.#askForRoom(socket)))
      namespace.on('connection', socket => this.#take(socket))
    }
    inner.onTrouble = trouble => this.onTrouble?.(trouble)
    inner.onRefused = refusal => this.onRefused?.(refusal)
    void this.#run()
  }

  get addresses(): readonly Address[] {
    return this.#inner.addresses
  }

  [Symbol.asyncIterator](): AsyncIterator<Channel> {
    return this.#queue
  }

  /** Those who are in stay, and their connections; nobody else comes. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#inner.close()
    this.#queue.end()
    this.#closeWhenEmpty()
  }

  async #run(): Promise<void> {
    for await (const channel of this.#inner) this.#requests.receive(channel)
  }

  #admit(
    request: IncomingMessage,
    answer: (error: string | null | undefined, isWelcome: boolean) => void,
  ): void {
    const { headers } = request
    const local = this.#requests.carrierOf(request)?.local
    const localHost = local === undefined || local.family === 'unix' ? '' : local.host
    const why = refusalOf({ host: headers.host, origin: headers.origin, localHost }, this.#rules)
    answer(why, why === undefined && !this.#isClosed)
  }

  /** Of a session that has begun it is no news: it may just have ended. */
  #onBadRequest({ req, message, context }: BadRequest): void {
    if (/[?&]sid=/.test(req.url ?? '') || this.#isClosed) return
    const error = context?.message ?? `bad request of Socket.IO: ${message}`
    this.#requests.tellRefused(req, { reason: 'handshake', error })
  }

  /** Who joins a namespace shows a credential as `auth.token`, or as any request can. */
  async #ask(socket: Socket): Promise<Error | undefined> {
    const { credentials } = this.#options
    if (credentials === undefined) return undefined
    const { auth } = socket.handshake
    const shown =
      typeof auth.token === 'string' ? auth.token : credentialOfRequest(socket.request)?.text
    const untilTold = delay(REFUSAL_MS)
    const verdict =
      shown === undefined
        ? ({ isAdmitted: false, why: 'shows no credential' } as const)
        : await credentials.check(shown)
    if (verdict.isAdmitted) {
      if (verdict.user !== undefined) socket.data.user = verdict.user
      return undefined
    }
    await untilTold
    this.#requests.tellRefused(socket.request, { reason: 'credential', error: verdict.why })
    return new Error(NOT_ALLOWED_IN)
  }

  #askForRoom(socket: Socket): Error | undefined {
    if (!this.#options.isFull?.()) return undefined
    this.#requests.tellRefused(socket.request, { reason: 'max-conns' })
    return new Error(FULL.text)
  }

  #take(socket: Socket): void {
    const { request, transport } = socket.conn
    const carrier = this.#requests.carrierOf(request)
    if (carrier === undefined || this.#isClosed) {
      socket.disconnect(true)
      return
    }
    const { name } = socket.nsp
    const { user } = socket.data as { readonly user?: string }
    const facts = {
      ...(name === '/' ? {} : { namespace: name }),
      over: transport.name,
      ...(user === undefined ? {} : { user }),
    }
    const channel = new SocketIoChannel(
      carrier,
      { socket, line: lineOf(socket), facts },
      this.#event,
    )
    this.#open.add(channel)
    channel.duplex.once('close', () => {
      this.#open.delete(channel)
      this.#closeWhenEmpty()
    })
    this.#queue.add(channel)
  }

  get #event() {
    return this.#options.socketio ?? {}
  }

  /** The last words are on their way still. */
  #closeWhenEmpty(): void {
    if (!this.#isClosed || this.#open.size > 0) return
    const end = (): void => {
      void this.#io.close()
      this.#requests.close()
    }
    setTimeout(end, CLOSING_MS).unref()
  }
}

/** Of engine.io: a request that it has not taken. */
interface BadRequest {
  readonly req: IncomingMessage
  readonly message: string
  /** Where we have not taken it, why. */
  readonly context?: { readonly message?: string }
}
