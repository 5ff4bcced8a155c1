import { toBytes } from '../channel/framing.ts'
import type { Message } from '../channel/types.ts'

/** Something that was said, in the forms in which others hear it. */
export class Said<From> {
  readonly from: From
  /** For streams. */
  readonly bytes: Buffer
  readonly #messages: () => readonly Message[]
  #framed: Buffer | undefined

  /** @param messages the same for those who get messages; asked only when there is one of them */
  constructor(from: From, bytes: Buffer, messages: () => readonly Message[]) {
    this.from = from
    this.bytes = bytes
    this.#messages = messages
  }

  /** For messages: each with its length and kind before it, so that several of them can go in one write. */
  get framed(): Buffer {
    this.#framed ??= joinBuffers(this.#messages().map(one => toBytes(one, 'packets')))
    return this.#framed
  }
}

/** One buffer for all; a lone one is not copied. */
export function joinBuffers(buffers: readonly Buffer[]): Buffer {
  const [first] = buffers
  return buffers.length === 1 && first !== undefined ? first : Buffer.concat(buffers)
}
