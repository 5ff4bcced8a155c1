import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Server, Socket } from 'socket.io'
import { NOT_ALLOWED_IN } from '../../access/credentials.ts'
import { credentialOfRequest } from '../../access/presented.ts'
import type { Address } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import { SockctlError } from '../../errors.ts'
import { AcceptQueue } from '../accept-queue.ts'
import type { AcceptTrouble, Listener, ListenOptions, Refusal, Transport } from '../types.ts'
import { type AdmissionRules, refusalOf } from '../websocket/admission.ts'
import { FULL } from '../websocket/text-answer.ts'
import { MAX_MESSAGE_BYTES } from '../websocket/types.ts'
import { SocketIoChannel } from './socketio-channel.ts'
import type { Line } from './socketio-duplex.ts'

/**
 * Listens for Socket.IO on a listener of another transport.
 *
 * @returns a listen that throws what the carrier's throws
 */
export function listenOver(
  carrier: Transport<InetEndpoint>,
  scheme: InetEndpoint['scheme'],
): (endpoint: WebEndpoint, options: ListenOptions) => Promise<Listener> {
  return async (endpoint, options) => {
    const { host, port } = endpoint
    if (carrier.listen === undefined) {
      throw new SockctlError(
        'ERR_UNSUPPORTED',
        `cannot listen on ${formatEndpoint(endpoint)}: ${scheme} does not do that`,
      )
    }
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
  readonly #http: HttpServer
  readonly #io: Server
  /** By what carries their requests. */
  readonly #carriers = new WeakMap<Duplex, Channel>()
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
    this.#http = createServer((_request, response) => {
      response.writeHead(426, { Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8' })
      response.end('this is Socket.IO: its clients ask for /socket.io/\n')
    })
    this.#io = new IoServer(this.#http, {
      serveClient: false,
      maxHttpBufferSize: maxMessageBytes ?? MAX_MESSAGE_BYTES,
      // Who may in is decided below, by structure; for those who may the browser wants to hear it.
      cors: { origin: true, credentials: true },
      allowRequest: (request, answer) => this.#admit(request, answer),
    })
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
    for await (const channel of this.#inner) {
      channel.duplex.on('error', () => {})
      this.#carriers.set(channel.duplex, channel)
      this.#http.emit('connection', channel.duplex)
    }
  }

  #admit(
    request: IncomingMessage,
    answer: (error: string | null | undefined, isWelcome: boolean) => void,
  ): void {
    const { headers, socket } = request
    const carrier = this.#carriers.get(socket)
    const local = carrier?.local
    const localHost = local === undefined || local.family === 'unix' ? '' : local.host
    const why = refusalOf({ host: headers.host, origin: headers.origin, localHost }, this.#rules)
    if (why !== undefined && carrier !== undefined) {
      this.onRefused?.({ remote: carrier.remote, reason: 'handshake', error: why })
    }
    answer(why, why === undefined && !this.#isClosed)
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
    this.#tellRefused(socket, { reason: 'credential', error: verdict.why })
    return new Error(NOT_ALLOWED_IN)
  }

  #askForRoom(socket: Socket): Error | undefined {
    if (!this.#options.isFull?.()) return undefined
    this.#tellRefused(socket, { reason: 'max-conns' })
    return new Error(FULL.text)
  }

  #tellRefused({ request }: Socket, refusal: Omit<Refusal, 'remote'>): void {
    const remote = this.#carriers.get(request.socket)?.remote
    if (remote !== undefined) this.onRefused?.({ remote, ...refusal })
  }

  #take(socket: Socket): void {
    const { request, transport } = socket.conn
    const carrier = this.#carriers.get(request.socket)
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
    setTimeout(() => void this.#io.close(), CLOSING_MS).unref()
  }
}

/** The connection of a socket, as engine.io has it. */
function lineOf({ conn }: Socket): Line {
  return {
    isBusy: () =>
      conn.readyState === 'open' && (conn as unknown as Buffered).writeBuffer.length > 0,
    onceIdle(idle) {
      const end = (): void => {
        conn.off('drain', look)
        conn.off('close', end)
        idle()
      }
      const look = (): void => {
        if ((conn as unknown as Buffered).writeBuffer.length === 0) end()
      }
      conn.on('drain', look)
      conn.once('close', end)
    },
    pause() {
      const { socket: ws } = conn.transport as Pausable
      ws?.pause()
      return ws !== undefined
    },
    resume() {
      const { socket: ws } = conn.transport as Pausable
      if (ws?.isPaused) ws.resume()
    },
    abort() {
      const { socket: ws } = conn.transport as Pausable
      ws?.terminate()
      conn.close(true)
    },
  }
}

/** What engine.io does not say of itself in its types. */
interface Buffered {
  readonly writeBuffer: readonly unknown[]
}

/** Of its transport by WebSocket: the socket of `ws`. Long polling has none. */
type Pausable = Socket['conn']['transport'] & {
  readonly socket?: { readonly isPaused: boolean; pause(): void; resume(): void; terminate(): void }
}
