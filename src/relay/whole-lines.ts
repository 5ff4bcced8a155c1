const NEWLINE = 0x0a

/** How long a line may become before it is passed on without its end. */
export const MAX_LINE_BYTES = 64 * 1024

/**
 * Cuts a stream at its line ends, so that the lines of several senders do not run into each other.
 * All the lines of a chunk are passed on together, with their ends.
 */
export class WholeLines {
  readonly #pass: (lines: Buffer) => void
  readonly #maxLineBytes: number
  #begun: Buffer[] = []
  #begunBytes = 0

  constructor(pass: (lines: Buffer) => void, maxLineBytes = MAX_LINE_BYTES) {
    this.#pass = pass
    this.#maxLineBytes = maxLineBytes
  }

  add(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      this.#keep(chunk.subarray(0, end))
      this.#passKept()
    }
    if (end < chunk.length) this.#keep(chunk.subarray(end))
    if (this.#begunBytes > this.#maxLineBytes) this.#passKept()
  }

  /** The stream is over. A line without an end is given one: the next is somebody else's. */
  end(): void {
    if (this.#begunBytes === 0) return
    this.#keep(Buffer.from([NEWLINE]))
    this.#passKept()
  }

  #keep(part: Buffer): void {
    this.#begun.push(part)
    this.#begunBytes += part.length
  }

  #passKept(): void {
    const [first] = this.#begun
    const lines =
      this.#begun.length === 1 && first !== undefined ? first : Buffer.concat(this.#begun)
    this.#begun = []
    this.#begunBytes = 0
    this.#pass(lines)
  }
}
