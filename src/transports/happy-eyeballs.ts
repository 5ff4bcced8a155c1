import type { Socket } from 'node:net'
import type { InetAddress } from '../address.ts'
import { FaithfulSocket } from './faithful-socket.ts'
import { STREAM_SOCKET_OPTIONS } from './socket-channel.ts'
import type { DialOptions } from './types.ts'

/** How long an attempt may stay unanswered before the next address is tried too (RFC 8305 §5). */
const ATTEMPT_DELAY_MS = 250

/**
 * Connects to whichever address answers first. The addresses are tried in order, each as soon as
 * the one before has failed or has been silent for 250 ms; a slow one is not given up, as Node's own
 * `autoSelectFamily` does. Rejects with the errors of all, in order, when none answers.
 *
 * @param addresses at least one
 */
export function connectToFirst(
  addresses: readonly InetAddress[],
  options: DialOptions,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    new Race(addresses, options, { resolve, reject }).start()
  })
}

interface Outcome {
  resolve(socket: Socket): void
  reject(error: unknown): void
}

interface Attempt {
  readonly address: InetAddress
  readonly startedAt: number
}

class Race {
  readonly #addresses: readonly InetAddress[]
  readonly #options: DialOptions
  readonly #outcome: Outcome
  readonly #open = new Map<Socket, Attempt>()
  readonly #errors: Error[] = []
  #started = 0
  #timer: NodeJS.Timeout | undefined
  #limit: NodeJS.Timeout | undefined

  constructor(addresses: readonly InetAddress[], options: DialOptions, outcome: Outcome) {
    this.#addresses = addresses
    this.#options = options
    this.#outcome = outcome
  }

  start(): void {
    const { signal, timeoutMs } = this.#options
    if (signal?.aborted) {
      this.#abort()
      return
    }
    signal?.addEventListener('abort', this.#abort)
    if (timeoutMs !== undefined) {
      this.#limit = setTimeout(() => this.#giveUp(new TimedOut()), timeoutMs)
    }
    this.#tryNext()
  }

  #tryNext = (): void => {
    clearTimeout(this.#timer)
    const address = this.#addresses[this.#started++]
    if (address === undefined) return
    // Two attempts cannot share one source port, so they take turns.
    const mayOverlap = this.#options.localPort === undefined
    if (mayOverlap && this.#started < this.#addresses.length) {
      this.#timer = setTimeout(this.#tryNext, ATTEMPT_DELAY_MS)
    }
    const attempt = { address, startedAt: performance.now() }
    const socket = connect(address, this.#options)
    this.#open.set(socket, attempt)
    const settle = (error: Error | undefined): void => {
      socket.off('error', settle)
      socket.off('connect', connected)
      this.#report(attempt, error)
      if (error === undefined) this.#win(socket)
      else this.#lose(socket, error)
    }
    const connected = (): void => {
      settle(isSelfConnection(socket) ? new SelfConnection(address) : undefined)
    }
    socket.on('error', settle)
    socket.on('connect', connected)
  }

  #win(socket: Socket): void {
    this.#open.delete(socket)
    for (const attempt of this.#open.values()) this.#report(attempt, new GivenUp())
    this.#end()
    this.#outcome.resolve(socket)
  }

  #lose(socket: Socket, error: Error): void {
    this.#open.delete(socket)
    socket.destroy()
    this.#errors.push(error)
    if (this.#started < this.#addresses.length) {
      this.#tryNext()
    } else if (this.#open.size === 0) {
      this.#end()
      this.#outcome.reject(this.#errors.length === 1 ? error : new AggregateError(this.#errors))
    }
  }

  #abort = (): void => this.#giveUp(this.#options.signal?.reason)

  #giveUp(reason: Error): void {
    for (const attempt of this.#open.values()) this.#report(attempt, reason)
    this.#end()
    this.#outcome.reject(reason)
  }

  #report({ address, startedAt }: Attempt, error: Error | undefined): void {
    this.#options.onAttempt?.({ address, error, durationMs: performance.now() - startedAt })
  }

  #end(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#limit)
    this.#options.signal?.removeEventListener('abort', this.#abort)
    for (const socket of this.#open.keys()) socket.destroy()
  }
}

function connect(address: InetAddress, options: DialOptions): Socket {
  const { localHost, localPort } = options
  return new FaithfulSocket(STREAM_SOCKET_OPTIONS).connect({
    host: address.host,
    port: address.port,
    noDelay: STREAM_SOCKET_OPTIONS.noDelay,
    keepAlive: STREAM_SOCKET_OPTIONS.keepAlive,
    keepAliveInitialDelay: STREAM_SOCKET_OPTIONS.keepAliveInitialDelay,
    ...(localHost === undefined ? {} : { localAddress: localHost }),
    ...(localPort === undefined ? {} : { localPort }),
  })
}

/**
 * On a free port of the ephemeral range a client can draw that very port as its source and connect
 * to itself (TCP's simultaneous open, RFC 9293 §3.5): nobody is there all the same.
 */
function isSelfConnection(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress
}

class SelfConnection extends Error {
  readonly code = 'ECONNREFUSED'

  constructor(address: InetAddress) {
    super(`nobody listens on ${address.host} port ${address.port}: the connection met itself`)
  }
}

/** The time is up. A timer of its own costs a tenth of what `AbortSignal.timeout` does. */
export class TimedOut extends Error {
  override readonly name = 'TimeoutError'

  constructor() {
    super('no answer in time')
  }
}

/** Another address was faster. */
class GivenUp extends Error {
  override readonly name = 'AbortError'

  constructor() {
    super('no answer so far')
  }
}
