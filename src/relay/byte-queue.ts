/** Buffers in the order they came, and how many bytes they are together. */
export class ByteQueue {
  #buffers: Buffer[] = []
  /** Where the queue begins: what stands before it has been taken. */
  #head = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  add(buffer: Buffer): void {
    this.#buffers.push(buffer)
    this.#bytes += buffer.length
  }

  /** Takes the oldest, undefined when there is none. */
  take(): Buffer | undefined {
    const buffer = this.#buffers[this.#head]
    if (buffer === undefined) return undefined
    this.#bytes -= buffer.length
    this.#head++
    // Moving the rest only when half of the array is empty keeps the cost of each step constant.
    if (this.#head * 2 >= this.#buffers.length) {
      this.#buffers = this.#buffers.slice(this.#head)
      this.#head = 0
    }
    return buffer
  }

  clear(): void {
    this.#buffers = []
    this.#head = 0
    this.#bytes = 0
  }
}
