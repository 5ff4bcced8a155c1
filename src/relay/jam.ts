import type { Duplex } from 'node:stream'
import { formatDuration } from '../units.ts'
import type { Consumer } from './consumer.ts'

/** How often in the time of a stall it is looked whether somebody has moved. */
const LOOKS_PER_STALL = 5

/** What a jam does to the traffic. */
export interface Traffic {
  halt(): void
  resume(): void
}

/**
 * Halts the traffic while a consumer is behind, and resets those that take nothing at all for
 * `stallMs`: they would hold up everybody for ever.
 */
export class Jam {
  readonly #behind = new Map<Consumer, Progress>()
  readonly #stallMs: number
  readonly #traffic: Traffic
  #watch: NodeJS.Timeout | undefined

  constructor(stallMs: number, traffic: Traffic) {
    this.#stallMs = stallMs
    this.#traffic = traffic
  }

  get isOn(): boolean {
    return this.#behind.size > 0
  }

  /** The consumer is behind from now on. */
  begin(consumer: Consumer): void {
    if (this.#behind.has(consumer)) return
    this.#behind.set(consumer, new Progress(consumer.channel.duplex))
    if (this.#behind.size > 1) return
    this.#watch = setInterval(() => this.#look(), this.#stallMs / LOOKS_PER_STALL)
    this.#traffic.halt()
  }

  /** The consumer has caught up, or left. */
  end(consumer: Consumer): void {
    if (!this.#behind.delete(consumer) || this.isOn) return
    clearInterval(this.#watch)
    this.#traffic.resume()
  }

  #look(): void {
    const now = performance.now()
    for (const [consumer, progress] of this.#behind) {
      if (now - progress.lastAt(now) < this.#stallMs) continue
      consumer.note(`took nothing for ${formatDuration(this.#stallMs)} while others waited: reset`)
      consumer.channel.reset()
    }
  }
}

/** When a stream was last seen to send something. */
class Progress {
  readonly #duplex: Duplex & SystemQueue
  #unsent: number
  #at = performance.now()

  constructor(duplex: Duplex) {
    this.#duplex = duplex
    this.#unsent = this.#countUnsent()
  }

  lastAt(now: number): number {
    const unsent = this.#countUnsent()
    if (unsent !== this.#unsent) this.#at = now
    this.#unsent = unsent
    return this.#at
  }

  /** Falls whenever the system takes something; not the number of bytes, which Node keeps to itself. */
  #countUnsent(): number {
    return this.#duplex.writableLength + (this.#duplex._handle?.writeQueueSize ?? 0)
  }
}

/**
 * What libuv has left of the write under way. `writableLength` moves only when all of it is done,
 * and one write may be everything that has waited.
 */
interface SystemQueue {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}
