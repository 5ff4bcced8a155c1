import type { Readable, Writable } from 'node:stream'
import type { Framing } from '../channel/framing.ts'
import type { Endpoint } from '../endpoint/types.ts'
import type { Layer } from '../layers/types.ts'
import { dial } from '../transports/index.ts'
import type { DialOptions } from '../transports/types.ts'
import { ConnectSession } from './connect-session.ts'
import type { Asked } from './outcome.ts'
import type { AtInputEnd } from './outgoing.ts'
import type { StopRules } from './stop-rules.ts'

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
  /** How messages become what is read and written here. Default: as is usual with the transport. */
  readonly framing?: Framing | undefined
  /** How what is sent becomes messages, where that differs: `chunks` for each piece by itself. */
  readonly sentFraming?: Framing | undefined
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
