import { formatAddress, type InetAddress } from '../address.ts'
import { errnoOf, SockctlError, systemError, usageError } from '../errors.ts'
import type { Destination } from '../transports/udp/destination.ts'
import type { SendSocket } from '../transports/udp/send-socket.ts'
import { remoteAddress } from '../transports/udp/socket.ts'
import { LARGEST_DATAGRAM_BYTES } from '../transports/udp/types.ts'
import type { SendEvent } from './send.ts'

/**
 * How a conversation ended. `answered`: a reply came. `refused`: the other side's system, or one on
 * the way, said that nobody is there. `silent`: neither, in the time that there was. `stopped`:
 * before that time was over.
 */
export type ConversationEnd = ConversationTotals & Verdict

type Verdict =
  | { readonly verdict: 'answered' | 'silent' | 'stopped' }
  | { readonly verdict: 'refused'; readonly error: Error }

export interface ConversationTotals {
  readonly sent: number
  readonly sentBytes: number
  readonly replies: number
}

export interface ConversationOptions {
  readonly waitMs: number
  readonly wantedReplies?: number | undefined
  readonly onEvent: (event: SendEvent) => void
}

/**
 * Sends datagrams from one socket to one destination and counts what comes back. Owns the socket.
 */
export class Conversation {
  /** Settles at the end; rejects with the error when sending fails for a reason of our own. */
  readonly over: Promise<ConversationEnd>
  readonly #sender: SendSocket
  readonly #destination: Destination
  readonly #options: ConversationOptions
  #resolve: (end: ConversationEnd) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #isOver = false
  #timer: NodeJS.Timeout | undefined
  #sent = 0
  #sentBytes = 0
  #replies = 0
  #lastSentAt = 0
  #allSent = false

  constructor(sender: SendSocket, destination: Destination, options: ConversationOptions) {
    this.#sender = sender
    this.#destination = destination
    this.#options = options
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { socket } = sender
    socket.on('message', (data, info) => this.#receive(data, remoteAddress(info)))
    socket.on('error', error => {
      if (errnoOf(error) === 'EMSGSIZE') this.abort(narrowPathError(destination, error))
      else this.#fail(error)
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * Sends one datagram; settles when the system has taken it, or when the conversation is over.
   *
   * @throws ERR_USAGE when it does not fit
   */
  async send(data: Buffer): Promise<void> {
    ensureFits(data)
    if (this.#isOver) return
    const { socket, local, isConnected } = this.#sender
    const { address } = this.#destination
    this.#lastSentAt = performance.now()
    const error = await new Promise<Error | null>(resolve => {
      if (isConnected) socket.send(data, resolve)
      else socket.send(data, address.port, address.host, resolve)
    })
    if (error !== null) {
      this.#fail(error)
      return
    }
    this.#sent++
    this.#sentBytes += data.length
    this.#options.onEvent({ event: 'sent', local, remote: address, bytes: data.length })
  }

  /** Says that all is sent: what is missing now are replies, for as long as the options say. */
  awaitReplies(): void {
    if (this.#isOver) return
    this.#allSent = true
    this.#timer = setTimeout(() => this.#end({ verdict: this.#heard }), this.#options.waitMs)
    this.#endWhenAnswered()
  }

  /** Ends it before its time. */
  stop(): void {
    this.#end({ verdict: 'stopped' })
  }

  /** Ends it with an error. */
  abort(error: unknown): void {
    if (this.#isOver) return
    this.#close()
    this.#reject(error)
  }

  get #heard(): 'answered' | 'silent' {
    return this.#replies > 0 ? 'answered' : 'silent'
  }

  #receive(data: Buffer, remote: InetAddress): void {
    const id = ++this.#replies
    const { local } = this.#sender
    const rttMs = performance.now() - this.#lastSentAt
    this.#options.onEvent({
      event: 'reply',
      id,
      remote,
      local,
      data,
      ...(this.#sent === 1 ? { rttMs } : {}),
    })
    this.#endWhenAnswered()
  }

  #endWhenAnswered(): void {
    const { wantedReplies } = this.#options
    const hasOnePeer = this.#sender.isConnected
    const wanted = wantedReplies ?? (this.#allSent && hasOnePeer ? this.#sent : undefined)
    if (wanted !== undefined && this.#replies >= wanted) this.#end({ verdict: this.#heard })
  }

  /** The peer's side saying no ends the conversation; other errors are ours. */
  #fail(error: Error): void {
    if (isUnreachable(error)) this.#end({ verdict: 'refused', error })
    else this.abort(sendError(this.#destination, error))
  }

  #end(verdict: Verdict): void {
    if (this.#isOver) return
    this.#close()
    const totals = { sent: this.#sent, sentBytes: this.#sentBytes, replies: this.#replies }
    this.#resolve({ ...totals, ...verdict })
  }

  #close(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#sender.socket.close()
  }
}

/** Whether an error tells of the peer, or of the way there: nobody is at this address for us. */
export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has(errnoOf(error) ?? '')
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  // connect(2) to ::1 on a machine without IPv6.
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
])

/** An error of sending, with what was tried and what to do about it. */
export function sendError({ address, kind }: Destination, error: unknown): SockctlError {
  const failure = systemError(`cannot send to ${formatAddress(address)}`, error)
  return errnoOf(error) === 'EACCES' && kind === 'peer'
    ? failure.withHints('If that is the broadcast address of a network, add -b.')
    : failure
}

/**
 * ICMP said "fragmentation needed" (RFC 1191): the kernel has learned the limit of the path, at the
 * price of the datagram that met it.
 */
function narrowPathError({ address }: Destination, cause: Error): SockctlError {
  return new SockctlError(
    'ERR_LIMIT',
    `lost on the way to ${formatAddress(address)}: a network there takes only smaller packets`,
    { cause, hints: ['Sent once more, it goes in fragments.'] },
  )
}

function ensureFits({ length }: Buffer): void {
  if (length <= LARGEST_DATAGRAM_BYTES) return
  throw usageError(
    `${length} bytes do not fit in one datagram (${LARGEST_DATAGRAM_BYTES} at most)`,
    'Lines can be sent one by one: --lines',
  )
}
