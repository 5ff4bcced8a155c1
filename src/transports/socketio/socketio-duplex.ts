import { Duplex } from 'node:stream'
import type { Message } from '../../channel/types.ts'
import { SockctlError } from '../../errors.ts'
import { formatBytes } from '../../units.ts'
import { MAX_MESSAGE_BYTES } from '../websocket/types.ts'
import { MESSAGE_EVENT, type SocketIoOptions } from './types.ts'

type Done = (error?: Error | null) => void

/** What the sockets of socket.io and of socket.io-client have in common, as far as it is used here. */
export interface AnySocket {
  readonly connected: boolean
  emit(event: string, ...args: readonly unknown[]): unknown
  onAny(listener: (event: string, ...args: readonly unknown[]) => void): unknown
  on(event: 'disconnect', listener: (reason: string) => void): unknown
  disconnect(): unknown
}

/** The connection below, which several namespaces may share. */
export interface Line {
  /** Whether something waits to be sent. */
  isBusy(): boolean
  /** Calls back when it has been, or never will be. */
  onceIdle(idle: () => void): void
  /** Reads no more, until `resume`. False: it cannot be held back. */
  pause(): boolean
  resume(): void
  /** Breaks it off, with all that waits. */
  abort(): void
}

/** How the other side says that it leaves. Everything else has broken the connection off. */
const GOOD_REASONS = ['client namespace disconnect', 'io server disconnect', 'server shutting down']

/** As much may wait of a peer that cannot be held back. */
const MOST_WAITING = MAX_MESSAGE_BYTES

/**
 * The events of a Socket.IO socket as messages. Those of one name, with one string or one piece of
 * bytes, are messages as they are; any other becomes one of JSON: its name and what came with it.
 * What asks to be acknowledged is, once it has been taken.
 */
export class SocketIoDuplex extends Duplex {
  bytesRead = 0
  bytesWritten = 0
  messagesRead = 0
  messagesWritten = 0
  readonly #socket: AnySocket
  readonly #line: Line
  readonly #event: string
  readonly #only: readonly string[] | undefined
  readonly #waiting: Arrival[] = []
  #waitingBytes = 0
  #isWanted = false
  #hasPeerLeft = false
  #isBroken = false

  constructor(socket: AnySocket, line: Line, { event = MESSAGE_EVENT, only }: SocketIoOptions) {
    super({ objectMode: true, allowHalfOpen: true, readableHighWaterMark: 1 })
    this.#socket = socket
    this.#line = line
    this.#event = event
    this.#only = only
    socket.onAny((name, ...args) => this.#receive(name, args))
    socket.on('disconnect', reason => this.#onDisconnect(reason))
  }

  #receive(name: string, args: readonly unknown[]): void {
    if (this.#only?.includes(name) === false) return
    const last = args.at(-1)
    const acknowledge = typeof last === 'function' ? (last as () => void) : undefined
    const message = this.#messageOf(name, acknowledge === undefined ? args : args.slice(0, -1))
    this.bytesRead += message.data.length
    this.messagesRead++
    this.#waiting.push({ message, acknowledge })
    this.#waitingBytes += message.data.length
    this.#handOn()
    if (this.#waiting.length > 0 && !this.#line.pause() && this.#waitingBytes > MOST_WAITING) {
      const most = formatBytes(MOST_WAITING)
      this.destroy(new SockctlError('ERR_LIMIT', `sent more than ${most} that nobody has taken`))
    }
  }

  #messageOf(name: string, args: readonly unknown[]): Message {
    const [only, ...others] = args
    if (name === this.#event && others.length === 0) {
      if (typeof only === 'string') return { data: Buffer.from(only), kind: 'text' }
      if (only instanceof Uint8Array) return { data: Buffer.from(only), kind: 'binary' }
    }
    return { data: Buffer.from(JSON.stringify([name, ...args])), kind: 'text' }
  }

  #handOn(): void {
    while (this.#isWanted) {
      const arrival = this.#waiting.shift()
      if (arrival === undefined) break
      this.#waitingBytes -= arrival.message.data.length
      this.#isWanted = this.push(arrival.message)
      arrival.acknowledge?.()
    }
    if (this.#hasPeerLeft && this.#waiting.length === 0) this.push(null)
  }

  override _read(): void {
    this.#isWanted = true
    this.#handOn()
    if (this.#isWanted) this.#line.resume()
  }

  override _write({ data, kind }: Message, _encoding: string, done: Done): void {
    if (!this.#socket.connected) {
      done(new SockctlError('ERR_RESET', 'the Socket.IO connection is closed'))
      return
    }
    this.#socket.emit(this.#event, kind === 'text' ? data.toString() : data)
    this.bytesWritten += data.length
    this.messagesWritten++
    if (this.#line.isBusy()) this.#line.onceIdle(() => done())
    else done()
  }

  /** There is no half-close: who leaves hears nothing more. */
  override _final(done: Done): void {
    this.#socket.disconnect()
    this.#endOfPeer()
    done()
  }

  /** We are about to break the connection off: what is heard of it from now on is not the peer's doing. */
  expectBreak(): void {
    this.#isBroken = true
  }

  #onDisconnect(reason: string): void {
    if (this.#isBroken) return
    const isOurs = this.writableEnded || this.destroyed
    if (isOurs || GOOD_REASONS.includes(reason)) this.#endOfPeer()
    else this.destroy(new SockctlError('ERR_RESET', `the connection broke: ${reason}`))
  }

  #endOfPeer(): void {
    if (this.#hasPeerLeft) return
    this.#hasPeerLeft = true
    this.#handOn()
    // Nobody hears us any more. Those who listen for the end are told of it first.
    this.once('end', () => queueMicrotask(() => this.end()))
    if (this.readableFlowing === null) this.destroy()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.disconnect()
    done(error)
  }
}

interface Arrival {
  readonly message: Message
  readonly acknowledge: (() => void) | undefined
}
