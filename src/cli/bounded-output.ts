import type { OutputStream } from './context.ts'

/** What may wait for a slow reader before more is dropped. */
const MOST_WAITING_BYTES = 64 * 1024 ** 2

/**
 * A stream for what comes as fast as it likes and cannot be told to wait. Once too much is waiting
 * for the reader, more is dropped, and counted; what comes in one turn of the event loop is written
 * at once.
 */
export class BoundedOutput {
  readonly #stream: OutputStream
  readonly #mostWaitingBytes: number
  #corked: NodeJS.Immediate | undefined
  /** How many pieces were dropped. */
  dropped = 0

  constructor(stream: OutputStream, mostWaitingBytes = MOST_WAITING_BYTES) {
    this.#stream = stream
    this.#mostWaitingBytes = mostWaitingBytes
  }

  write(piece: string | Buffer): void {
    if (this.#stream.writableLength > this.#mostWaitingBytes) {
      this.dropped++
      return
    }
    if (this.#corked === undefined) {
      this.#stream.cork()
      this.#corked = setImmediate(() => this.flush())
    }
    this.#stream.write(piece)
  }

  /** Hands over what was written in this turn, now. */
  flush(): void {
    if (this.#corked === undefined) return
    clearImmediate(this.#corked)
    this.#corked = undefined
    this.#stream.uncork()
  }
}
