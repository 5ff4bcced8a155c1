import type { Duplex } from 'node:stream'
import { formatBytes } from '../units.ts'
import { ByteQueue } from './byte-queue.ts'
import type { Consumer } from './consumer.ts'
import type { Jam } from './jam.ts'

/**
 * What happens when somebody takes less than is said.
 *
 * - `block`: everybody waits. Nothing is lost, and the slowest sets the pace; but who takes nothing
 *   at all for `stallMs` is reset, so that nobody holds the others up for ever.
 * - `drop-oldest`: the slow one misses what has waited longest. It is counted, and its connection
 *   is never ended as if all had come.
 * - `kick`: the slow one is reset at once.
 */
export type SlowPolicy = 'block' | 'drop-oldest' | 'kick'

export interface SlowConsumerSettings {
  readonly policy: SlowPolicy
  /** How much may wait for one consumer before it counts as slow. */
  readonly maxQueuedBytes: number
  /** How long one may take nothing at all while everybody waits for it. */
  readonly stallMs: number
}

/** Written to be told when all before it is. */
const NOTHING = Buffer.alloc(0)

/** The way to one consumer. Buffers are shared by all of them: never copied, never changed. */
export interface Delivery {
  send(data: Buffer): void
  /** Ends our side once everything is sent. */
  end(): void
  /** The consumer has gone. */
  close(): void
}

export function createDelivery(
  consumer: Consumer,
  settings: SlowConsumerSettings,
  jam: Jam,
): Delivery {
  const { policy, maxQueuedBytes } = settings
  switch (policy) {
    case 'block':
      return new BlockingDelivery(consumer, maxQueuedBytes, jam)
    case 'drop-oldest':
      return new DroppingDelivery(consumer, maxQueuedBytes)
    case 'kick':
      return new KickingDelivery(consumer, maxQueuedBytes)
  }
}

/** `block`: has everybody wait from the bound on until all is sent. */
class BlockingDelivery implements Delivery {
  readonly #consumer: Consumer
  readonly #duplex: Duplex
  readonly #maxQueuedBytes: number
  readonly #jam: Jam

  constructor(consumer: Consumer, maxQueuedBytes: number, jam: Jam) {
    this.#consumer = consumer
    this.#duplex = consumer.channel.duplex
    // Below its high-water mark a stream does not tell when it has drained.
    this.#maxQueuedBytes = Math.max(maxQueuedBytes, this.#duplex.writableHighWaterMark)
    this.#jam = jam
    this.#duplex.on('drain', () => jam.end(consumer))
  }

  send(data: Buffer): void {
    this.#duplex.write(data)
    if (this.#duplex.writableLength > this.#maxQueuedBytes) this.#jam.begin(this.#consumer)
  }

  end(): void {
    this.#duplex.end()
  }

  close(): void {
    this.#jam.end(this.#consumer)
  }
}

/** `kick`: resets the consumer at the bound. */
class KickingDelivery implements Delivery {
  readonly #consumer: Consumer
  readonly #maxQueuedBytes: number

  constructor(consumer: Consumer, maxQueuedBytes: number) {
    this.#consumer = consumer
    this.#maxQueuedBytes = maxQueuedBytes
  }

  send(data: Buffer): void {
    const { channel } = this.#consumer
    const { duplex } = channel
    duplex.write(data)
    if (duplex.writableLength <= this.#maxQueuedBytes || duplex.destroyed) return
    this.#consumer.note(`too slow: ${formatBytes(duplex.writableLength)} waiting, reset`)
    channel.reset()
  }

  end(): void {
    this.#consumer.channel.duplex.end()
  }

  close(): void {}
}

/**
 * `drop-oldest`: keeps what waits in a queue of its own, for a stream takes nothing back. Only whole
 * chunks are dropped, so that lines which came whole stay whole.
 */
class DroppingDelivery implements Delivery {
  readonly #consumer: Consumer
  readonly #duplex: Duplex
  readonly #maxQueuedBytes: number
  readonly #queue = new ByteQueue()
  #droppedChunks = 0
  #droppedBytes = 0
  #isEnding = false

  constructor(consumer: Consumer, maxQueuedBytes: number) {
    this.#consumer = consumer
    this.#duplex = consumer.channel.duplex
    this.#maxQueuedBytes = maxQueuedBytes
    this.#duplex.on('drain', () => this.#flush())
  }

  send(data: Buffer): void {
    if (!this.#duplex.writableNeedDrain) {
      this.#duplex.write(data)
      return
    }
    this.#queue.add(data)
    while (this.#queue.bytes > this.#maxQueuedBytes) this.#dropOldest()
  }

  end(): void {
    this.#isEnding = true
    if (this.#queue.bytes === 0) this.#endStream()
  }

  close(): void {
    this.#queue.clear()
    if (this.#droppedChunks === 0) return
    const amount = `${this.#droppedChunks} chunks, ${formatBytes(this.#droppedBytes)}`
    this.#consumer.note(`too slow: missed ${amount}`)
  }

  #flush(): void {
    this.#duplex.cork()
    while (!this.#duplex.writableNeedDrain) {
      const data = this.#queue.take()
      if (data === undefined) break
      this.#duplex.write(data)
    }
    this.#duplex.uncork()
    if (this.#isEnding && this.#queue.bytes === 0) this.#endStream()
  }

  /** One that missed something gets no FIN: it could take what it has for the whole. */
  #endStream(): void {
    if (this.#droppedChunks === 0) this.#duplex.end()
    else this.#duplex.write(NOTHING, () => this.#consumer.channel.reset())
  }

  #dropOldest(): void {
    if (this.#droppedChunks === 0) this.#consumer.note('too slow: dropping what has waited longest')
    this.#droppedChunks++
    this.#droppedBytes += this.#queue.take()?.length ?? 0
  }
}
