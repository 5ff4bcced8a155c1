import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'socket.io-client'
import type { Channel } from '../../channel/types.ts'
import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import { SockctlError } from '../../errors.ts'
import { formatDuration } from '../../units.ts'
import { TimedOut } from '../happy-eyeballs.ts'
import { inTime } from '../in-time.ts'
import type { ByteTransport, DialOptions } from '../types.ts'
import { asksForTls, carrierOptions, tryTls } from '../websocket/tls-mismatch.ts'
import { urlOf } from '../websocket/url.ts'
import { SocketIoChannel } from './socketio-channel.ts'
import type { Line } from './socketio-duplex.ts'

/**
 * Joins a namespace over connections of another transport: long polling begins, and WebSocket takes
 * over where the server has it.
 *
 * @returns a dial that throws what the carrier's throws; ERR_PROTOCOL when there is no Socket.IO, or
 *   the server does not let us in; ERR_TIMEOUT
 */
export function dialOver(
  carrier: ByteTransport,
  scheme: InetEndpoint['scheme'],
): (endpoint: WebEndpoint, options: DialOptions) => Promise<Channel> {
  return async (endpoint, options) => {
    const { io } = await import('socket.io-client')
    const { timeoutMs, signal, credential, websocket = {}, socketio = {} } = options
    const lines = new Connections(
      carrier,
      { ...endpoint, scheme },
      carrierOptions(endpoint, options),
    )
    const { host = 'localhost', port, path } = endpoint
    const socket = io(`http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`, {
      // The carrier is under TLS already, where it is to be.
      agent: lines.agent as never,
      reconnection: false,
      forceNew: true,
      extraHeaders: Object.fromEntries(websocket.headers ?? []),
      ...(credential === undefined ? {} : { auth: { token: credential } }),
    })
    const facts = { ...(path === '/' ? {} : { namespace: path }) }
    // What the server says first may come with its welcome.
    const take = (): Channel => {
      const { first } = lines
      if (first === undefined) throw new Error('connected without a connection')
      return new SocketIoChannel(first, { socket, line: lineOf(socket), facts }, socketio)
    }
    try {
      const channel = await inTime(connected(socket, take), { timeoutMs, signal })
      channel.duplex.once('close', () => lines.close())
      return channel
    } catch (error) {
      // Not the socket alone, which may not have joined: the connection below it.
      socket.disconnect()
      socket.io.engine?.close()
      lines.close()
      throw explain(lines.failure ?? error, endpoint, options)
    }
  }
}

/** The connections that the requests of one client go over. */
class Connections {
  readonly agent = new Agent({ keepAlive: true })
  /** Why one could not be made. */
  failure: unknown
  readonly #open = new Set<Channel>()
  #isClosed = false

  constructor(carrier: ByteTransport, { scheme, host, port }: InetEndpoint, options: DialOptions) {
    const dial = async (): Promise<Duplex> => {
      // No reset: the client answers one by trying again, and would do so for ever.
      if (this.#isClosed) throw new Error('no longer wanted')
      const channel = await carrier.dial({ scheme, host, port }, options)
      if (this.#isClosed) {
        channel.reset()
        throw new Error('no longer wanted')
      }
      this.#open.add(channel)
      channel.duplex.once('close', () => this.#open.delete(channel))
      return channel.duplex
    }
    const create = (_: unknown, done: (error: unknown, stream?: Duplex) => void): void => {
      dial().then(
        duplex => done(null, duplex),
        error => {
          this.failure ??= error
          done(error)
        },
      )
    }
    Object.assign(this.agent, { createConnection: create })
  }

  /** Which of them tells where the other end is. */
  get first(): Channel | undefined {
    const [first] = this.#open
    return first
  }

  close(): void {
    this.#isClosed = true
    this.agent.destroy()
    for (const channel of this.#open) channel.duplex.destroy()
  }
}

function connected<T>(socket: Socket, take: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(take()))
    socket.once('connect_error', (error: PollError) => {
      // It is forgotten as soon as we have heard of it.
      reject(Object.assign(error, { answer: error.context?.responseText }))
    })
  })
}

function explain(
  error: unknown,
  endpoint: WebEndpoint,
  { timeoutMs = 0, credential }: DialOptions,
): SockctlError {
  if (error instanceof SockctlError) return error
  const url = urlOf(endpoint)
  if (error instanceof TimedOut) {
    const message = `no answer to the Socket.IO handshake in ${formatDuration(timeoutMs)}`
    return new SockctlError('ERR_TIMEOUT', `cannot connect to ${url}: ${message}`)
  }
  const message = error instanceof Error ? error.message : String(error)
  // What a server says that speaks Socket.IO stands as it is; these are of the client's own.
  const isMute = message === 'xhr poll error' || message === 'websocket error'
  const why = isMute ? 'no Socket.IO answers there' : `the server says "${message}"`
  const hints = isMute
    ? whetherTls(error as PollError, endpoint)
    : whatToType(message, credential !== undefined)
  return new SockctlError('ERR_PROTOCOL', `cannot join ${url}: ${why}`, { cause: error, hints })
}

/** The answer to a request of long polling, or why there is none; and where the client keeps it. */
type PollError = Error & {
  readonly answer?: string
  readonly context?: { readonly responseText?: string }
}

/** An answer in HTTP may say so; where there is none, it may have been an alert of TLS. */
function whetherTls({ answer = '' }: PollError, endpoint: WebEndpoint): string[] {
  const isMute = /^Error: (?:socket hang up|Parse Error)/.test(answer)
  if (isMute) return tryTls(endpoint, false)
  return asksForTls(answer) ? tryTls(endpoint, true) : []
}

/** Middleware says in its own words that it wants to know who we are. */
function whatToType(message: string, hasCredential: boolean): string[] {
  if (!/not allowed|auth|token|credential|forbidden|denied/i.test(message)) return []
  return [hasCredential ? 'It does not take this token.' : 'Try: --token env:NAME (auth.token)']
}

function lineOf({ io }: Socket): Line {
  return {
    isBusy: () => (io.engine as Buffered | undefined)?.writeBuffer.length !== 0,
    onceIdle(idle) {
      const { engine } = io
      const end = (): void => {
        engine.off('drain', look)
        engine.off('close', end)
        idle()
      }
      const look = (): void => {
        if ((engine as Buffered).writeBuffer.length === 0) end()
      }
      engine.on('drain', look)
      engine.once('close', end)
    },
    pause() {
      const { ws } = io.engine.transport as Pausable
      ws?.pause()
      return ws !== undefined
    },
    resume() {
      const { ws } = (io.engine?.transport ?? {}) as Partial<Pausable>
      if (ws?.isPaused) ws.resume()
    },
    abort() {
      const { ws } = (io.engine?.transport ?? {}) as Partial<Pausable>
      ws?.terminate()
    },
  }
}

type Engine = Socket['io']['engine']
type Buffered = Engine & { readonly writeBuffer: readonly unknown[] }
type Pausable = Engine['transport'] & {
  readonly ws?: { readonly isPaused: boolean; pause(): void; resume(): void; terminate(): void }
}
