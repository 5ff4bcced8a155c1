import { setImmediate, setTimeout } from 'node:timers/promises'
import type { InetAddress } from '../address.ts'
import { errnoOf, usageError } from '../errors.ts'
import type { Destination, Destinations } from '../transports/udp/destination.ts'
import { openSendSocket, type SendSocketOptions } from '../transports/udp/send-socket.ts'
import type { Datagram } from '../transports/udp/types.ts'
import { Conversation, type ConversationEnd, isUnreachable, sendError } from './conversation.ts'

export interface DatagramSendOptions extends SendSocketOptions {
  /** Where to, in the order to try: see `destinationsOf`. */
  readonly destinations: Destinations
  /** What to send: each one is a datagram. */
  readonly payloads: AsyncIterator<Buffer>
  /** How long to wait for replies after the last datagram. */
  readonly waitMs: number
  /**
   * Ends as soon as so many replies have come. Undefined: as many as datagrams were sent, where
   * there is one peer to answer; otherwise whatever comes in the time.
   */
  readonly wantedReplies?: number | undefined
  readonly onEvent: (event: SendEvent) => void
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined
}

export type SendEvent = SentEvent | ReplyReceivedEvent | RefusedEvent

export interface SentEvent {
  readonly event: 'sent'
  readonly local: InetAddress
  readonly remote: InetAddress
  readonly bytes: number
}

export interface ReplyReceivedEvent extends Datagram {
  readonly event: 'reply'
  /** From sending to the reply; only where one datagram was sent, so that it is clear to which. */
  readonly rttMs?: number
}

/** An address turned out to lead nowhere, and the next one is tried. */
export interface RefusedEvent {
  readonly event: 'refused'
  readonly remote: InetAddress
  readonly error: Error
}

/** What came of it. Silence is not a refusal: UDP gives no receipt. */
export type SendOutcome = ConversationEnd & {
  /** The address that it ended with: of several, the last that was tried. */
  readonly remote: InetAddress
  /** Whether a refusal could have been heard: only sockets that are connected to one peer hear. */
  readonly hearsRefusals: boolean
}

/**
 * How long the first datagram's refusal is waited for before more are sent, where there is another
 * address to go to instead. On this machine, as for `localhost`, it comes at once.
 */
const GRACE_MS = 20

/**
 * Sends datagrams and waits for replies. When an address refuses the first datagram (ICMP port
 * unreachable) or cannot be reached, and the name has another, that one is tried.
 *
 * @throws ERR_IN_USE, ERR_NOT_FOUND, ERR_DENIED, ERR_LIMIT; ERR_USAGE when there is nothing to
 * send, or too much for a datagram
 */
export async function sendDatagrams(options: DatagramSendOptions): Promise<SendOutcome> {
  const [destination, ...others] = options.destinations
  const queue = new Queue(await firstOf(options.payloads, options.signal), options.payloads)
  let outcome = await attempt(destination, queue, { ...options, isLast: others.length === 0 })
  for (const [index, next] of others.entries()) {
    if (outcome.verdict !== 'refused' || queue.isBegun) break
    options.onEvent({ event: 'refused', remote: outcome.remote, error: outcome.error })
    outcome = await attempt(next, queue, { ...options, isLast: index === others.length - 1 })
  }
  return outcome
}

/**
 * The first datagram. It may be long in coming, from a terminal or a pipe: a signal ends the wait,
 * and then there is none.
 */
async function firstOf(
  payloads: AsyncIterator<Buffer>,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  const stopped = new Promise<undefined>(resolve => {
    if (signal?.aborted) resolve(undefined)
    signal?.addEventListener('abort', () => resolve(undefined))
  })
  const first = await Promise.race([payloads.next(), stopped])
  if (first?.done) throw usageError('nothing to send', "For an empty datagram write ''.")
  return first?.value
}

/** The datagrams to send. Until the second has been asked for, the first can be sent again. */
class Queue {
  /** Undefined: there is none any more. */
  readonly first: Buffer | undefined
  readonly #rest: AsyncIterator<Buffer>
  /** Whether more than the first has been asked for, so that there is no way back. */
  isBegun = false

  constructor(first: Buffer | undefined, rest: AsyncIterator<Buffer>) {
    this.first = first
    this.#rest = rest
  }

  /** The next after the first; undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    this.isBegun = true
    const next = await this.#rest.next()
    if (!next.done) return next.value
    this.isBegun = false
    return undefined
  }
}

async function attempt(
  destination: Destination,
  queue: Queue,
  options: DatagramSendOptions & { readonly isLast: boolean },
): Promise<SendOutcome> {
  const remote = destination.address
  const sender = await openSendSocket(destination, options).catch((error: unknown) => {
    if (error instanceof Error && isUnreachable(error)) return error
    const failure = sendError(destination, error)
    // What connect(2) says of a loopback source and a destination elsewhere.
    throw errnoOf(error) === 'EINVAL' && options.localHost !== undefined
      ? failure.withHints(`Nothing gets there from ${options.localHost}.`)
      : failure
  })
  if (sender instanceof Error) {
    const nothing = { sent: 0, sentBytes: 0, replies: 0, hearsRefusals: true }
    return { verdict: 'refused', error: sender, remote, ...nothing }
  }
  const conversation = new Conversation(sender, destination, options)
  const stop = (): void => conversation.stop()
  if (options.signal?.aborted) stop()
  options.signal?.addEventListener('abort', stop)
  try {
    sendAll(queue, conversation, options.isLast).catch(error => conversation.abort(error))
    return { ...(await conversation.over), remote, hearsRefusals: sender.isConnected }
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

/** So many are sent in one turn of the event loop; then replies and refusals are looked for. */
const BURST = 32

async function sendAll(queue: Queue, conversation: Conversation, isLast: boolean): Promise<void> {
  if (queue.first === undefined) return
  await conversation.send(queue.first)
  if (!isLast) await Promise.race([conversation.over, setTimeout(GRACE_MS)])
  for (let sent = 1; !conversation.isOver; sent++) {
    // The system takes most datagrams at once, and without a pause nothing else would get its turn.
    if (sent % BURST === 0) await setImmediate()
    const data = await queue.next()
    if (data === undefined) return conversation.awaitReplies()
    await conversation.send(data)
  }
}
