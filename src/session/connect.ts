import type { Readable, Writable } from 'node:stream'
import type { Address } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import type { Endpoint } from '../endpoint/types.ts'
import type { Layer } from '../layers/types.ts'
import { dial } from '../transports/index.ts'
import type { DialOptions } from '../transports/types.ts'
import type { Asked, Ended, Outcome } from './outcome.ts'
import type { AtInputEnd, Outgoing } from './outgoing.ts'
import { ReplyWatch, type StopRules } from './stop-rules.ts'

export interface ConnectOptions {
  readonly dial: DialOptions
  /** Applied in order: the first sees what is on the wire. */
  readonly layers: readonly Layer[]
  /** What to send. Undefined: nothing, and the peer is not told so. */
  readonly input: Readable | undefined
  /** Where to put what comes. */
  readonly output: Writable
  readonly atInputEnd: AtInputEnd
  readonly atPeerEnd: AtPeerEnd
  readonly rules: StopRules
  readonly reply: Asked['reply']
}

/**
 * What becomes of input that is still to come when the peer ends its side. Many a receiver does that
 * at once and reads on (`ncat -l < /dev/null > file`), and cannot be told from one that has left.
 *
 * - `stop`: it is over. For a person at a terminal.
 * - `finish`: all of it is sent. For input that has an end and does not keep us waiting.
 * - `drain`: for a pipe, where a silent writer must not hold us: it is sent for as long as it flows,
 *   or to its end where the peer, who has said nothing, is but a receiver.
 */
export type AtPeerEnd = 'stop' | 'finish' | 'drain'

/** A pipe that has brought nothing for so long does not flow. */
const QUIET_MS = 250

/** A peer that goes on sending gets this much silence before `close` cuts it off. */
const LINGER_MS = 500

/**
 * Opens a connection and starts to talk over it.
 *
 * @throws what `Transport.dial` throws; what happens later is told by the session's outcome
 */
export async function connect(
  endpoint: Endpoint,
  options: ConnectOptions,
): Promise<ConnectSession> {
  const startedAt = performance.now()
  const timeoutMs = Math.min(
    options.dial.timeoutMs ?? Infinity,
    options.rules.timeoutMs ?? Infinity,
  )
  const channel = await dial(endpoint, {
    ...options.dial,
    timeoutMs: timeoutMs === Infinity ? undefined : timeoutMs,
  })
  return new ConnectSession(channel, options, startedAt)
}

/** One conversation that we opened: the input goes to the peer, what comes goes to the output. */
export class ConnectSession {
  /** Settles when it is over, by itself or because it was stopped. Never rejects. */
  readonly over: Promise<Outcome>
  readonly local: Address
  readonly remote: Address
  readonly #channel: Channel
  readonly #options: ConnectOptions
  readonly #connectedAt = performance.now()
  readonly #watch: ReplyWatch
  readonly #outgoing: Outgoing | undefined
  readonly #timers = new Set<NodeJS.Timeout>()
  #idleTimer: NodeJS.Timeout | undefined
  #quietTimer: NodeJS.Timeout | undefined
  #bytesIn = 0
  #peerEnded = false
  #isOver = false
  #settle: (outcome: Outcome) => void = () => {}

  /** @param startedAt when connecting began, by `performance.now()`: the timeout counts from there */
  constructor(channel: Channel, options: ConnectOptions, startedAt = performance.now()) {
    const { duplex, local, remote } = options.layers.reduce((one, layer) => layer(one), channel)
    this.#channel = { ...channel, duplex, local, remote, reset: () => channel.reset() }
    this.#options = options
    this.local = local
    this.remote = remote
    this.#watch = new ReplyWatch(options.rules)
    this.over = new Promise(resolve => {
      this.#settle = resolve
    })
  }
}
