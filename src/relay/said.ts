import { toBytes } from '../channel/framing.ts'

/** Something that was said, in the forms in which others hear it. */
export class Said<From> {
  readonly from: From
  /** For streams. */
  readonly bytes: Buffer
  readonly #messages: () => readonly Buffer[]
  #framed: Buffer | undefined

  /** @param messages the same for those who get messages; asked only when there is one of them */
  constructor(from: From, bytes: Buffer, messages: () => readonly Buffer[]) {
    this.from = from
    this.bytes = bytes
    this.#messages = messages
  }

  /** For messages: each with its length before it, so that several of them can go in one write. */
  get framed(): Buffer {
    this.#framed ??= joinBuffers(
      this.#messages().map(data => toBytes({ data, kind: 'binary' }, 'length')),
    )
    return this.#framed
  }
}

/** One buffer for all; a lone one is not copied. */
export function joinBuffers(buffers: readonly Buffer[]): Buffer {
  const [first] = buffers
  return buffers.length === 1 && first !== undefined ? first : Buffer.concat(buffers)
}
