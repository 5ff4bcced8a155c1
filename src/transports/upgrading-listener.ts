import type { Address } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import { formatDuration } from '../units.ts'
import { AcceptQueue } from './accept-queue.ts'
import { TimedOut } from './happy-eyeballs.ts'
import { inTime } from './in-time.ts'
import type { AcceptTrouble, Listener, Refusal, RefusalReason } from './types.ts'

/** How long a peer may take for a handshake when nothing is said. */
export const HANDSHAKE_MS = 10_000

/**
 * Makes a channel of another protocol out of a channel by a handshake: of bytes one of TLS. Rejects
 * when the peer does not speak it; the channel it was given is then reset. Undefined: the peer wanted
 * something else, has got it, and is gone.
 */
export type Upgrade = (channel: Channel) => Promise<Channel | undefined>

/** Thrown by an upgrade that knows better than `handshake` why it turns a peer away. */
export class TurnedAway extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * A listener around a listener: each peer of the inner one goes through a handshake before it comes
 * out, all of them at the same time. Who fails, or takes too long, is turned away.
 */
export class UpgradingListener implements Listener {
  onRefused: ((refusal: Refusal) => void) | undefined
  readonly #inner: Listener
  readonly #upgrade: Upgrade
  readonly #handshakeMs: number
  readonly #asked: 'handshake' | 'credential'
  readonly #queue = new AcceptQueue()
  /** Those in the middle of their handshake. */
  readonly #pending = new Set<Channel>()
  #isClosed = false

  /** @param asked what a peer has to show for it */
  constructor(
    inner: Listener,
    upgrade: Upgrade,
    handshakeMs = HANDSHAKE_MS,
    asked: 'handshake' | 'credential' = 'handshake',
  ) {
    this.#inner = inner
    this.#asked = asked
    this.#upgrade = upgrade
    this.#handshakeMs = handshakeMs
    inner.onRefused = refusal => this.onRefused?.(refusal)
    void this.#run()
  }

  get addresses(): readonly Address[] {
    return this.#inner.addresses
  }

  get onTrouble(): ((trouble: AcceptTrouble) => void) | undefined {
    return this.#inner.onTrouble
  }

  set onTrouble(hear: ((trouble: AcceptTrouble) => void) | undefined) {
    this.#inner.onTrouble = hear
  }

  [Symbol.asyncIterator](): AsyncIterator<Channel> {
    return this.#queue
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#inner.close()
    for (const channel of this.#pending) channel.reset()
    this.#queue.end()
  }

  async #run(): Promise<void> {
    for await (const channel of this.#inner) void this.#shakeHands(channel)
  }

  async #shakeHands(channel: Channel): Promise<void> {
    const { remote } = channel
    // What fails while the handshake looks elsewhere must not end the process.
    channel.duplex.on('error', () => {})
    this.#pending.add(channel)
    try {
      const upgraded = await inTime(this.#upgrade(channel), { timeoutMs: this.#handshakeMs })
      if (this.#isClosed) upgraded?.reset()
      else if (upgraded !== undefined) this.#queue.add(upgraded)
    } catch (error) {
      channel.reset()
      if (this.#isClosed) return
      const reason = error instanceof TurnedAway ? error.reason : this.#asked
      this.onRefused?.({ remote, reason, error: this.#explain(error) })
    } finally {
      this.#pending.delete(channel)
    }
  }

  #explain(error: unknown): string {
    if (error instanceof TimedOut) {
      return `no ${this.#asked} in ${formatDuration(this.#handshakeMs)}`
    }
    return error instanceof Error ? error.message : String(error)
  }
}
