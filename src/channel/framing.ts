import { isUtf8 } from 'node:buffer'
import { SockctlError } from '../errors.ts'
import { formatBytes } from '../units.ts'
import type { Message } from './types.ts'

/**
 * How a stream of bytes is cut into messages, and messages are laid into a stream.
 *
 * - `chunks`: as it comes, with nothing between: for protocols that have lengths of their own.
 * - `lines`: a message is a line, without its line break. `nul`: as `xargs -0` takes it.
 * - `length`: four bytes before each say how long it is, in network order.
 */
export type Framing = (typeof FRAMINGS)[number]

/** Every framing, by the words of the command line. */
export const FRAMINGS = ['chunks', 'lines', 'nul', 'length'] as const

/**
 * Besides, a way to carry messages through a stream within this process: as `length`, with the kind of
 * each in the two highest bits, where somebody has said it.
 */
export type InnerFraming = Framing | 'packets'

/** The longest message that is put together. A peer that never ends one must not fill the memory. */
const LONGEST_MESSAGE = 16 * 1024 * 1024

const LENGTH_BYTES = 4

/**
 * Lays a message into a stream.
 *
 * @throws ERR_LIMIT as a packet, when it is longer than LONGEST_MESSAGE
 */
export function toBytes({ data, kind, isGuess }: Message, framing: InnerFraming): Buffer {
  switch (framing) {
    case 'chunks':
      return data
    case 'lines':
      return Buffer.concat([data, LINE_FEED])
    case 'nul':
      return Buffer.concat([data, NUL])
    case 'length':
      return withLength(data, 0)
    case 'packets':
      if (data.length > LONGEST_MESSAGE) throw tooLong()
      return withLength(data, isGuess ? 0 : kind === 'binary' ? BINARY : TEXT)
  }
}

function withLength(data: Buffer, mark: number): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(data.length + mark)
  return Buffer.concat([length, data])
}

/** Marks of `packets`; without one nobody has said the kind. */
const BINARY = 0x8000_0000
const TEXT = 0x4000_0000

const LINE_FEED = Buffer.from('\n')
const NUL = Buffer.from('\0')

export interface CutterSettings {
  /** How many bytes a message can have: chunks beyond that are cut once more. */
  readonly largest?: number | undefined
  /** Of messages that are nothing but bytes. Default: text where it is UTF-8. */
  readonly kind?: Message['kind'] | undefined
}

/** Cuts a stream of bytes into messages. */
export class Cutter {
  readonly #framing: InnerFraming
  readonly #largest: number
  readonly #kind: Message['kind'] | undefined
  /** The beginning of a message that is not whole yet. */
  #parts: Buffer[] = []
  #length = 0
  /** With `length`: as much as there must be to go on with. */
  #wanted = LENGTH_BYTES

  constructor(framing: InnerFraming, { largest = LONGEST_MESSAGE, kind }: CutterSettings = {}) {
    this.#framing = framing
    this.#largest = largest
    this.#kind = kind
  }

  /**
   * Takes bytes, and hands on each message that they complete.
   *
   * @throws ERR_LIMIT when a message gets longer than LONGEST_MESSAGE
   */
  cut(chunk: Buffer, pass: (message: Message) => void): void {
    if (this.#framing === 'chunks') this.#cutChunk(chunk, pass)
    else if (this.#framing === 'lines') this.#cutAt(0x0a, chunk, pass)
    else if (this.#framing === 'nul') this.#cutAt(0, chunk, pass)
    else this.#cutByLength(chunk, pass)
  }

  /** Hands on what is left when the stream has ended: a last line without its line break. */
  end(pass: (message: Message) => void): void {
    if (this.#length > 0) pass(this.#messageOf(this.#takeAll()))
  }

  #cutChunk(chunk: Buffer, pass: (message: Message) => void): void {
    // Nobody writes nothing but to say an empty message.
    if (chunk.length === 0) pass(this.#messageOf(chunk))
    for (let at = 0; at < chunk.length; at += this.#largest) {
      pass(this.#messageOf(chunk.subarray(at, at + this.#largest)))
    }
  }

  #cutAt(delimiter: number, chunk: Buffer, pass: (message: Message) => void): void {
    let from = 0
    for (;;) {
      const at = chunk.indexOf(delimiter, from)
      if (at === -1) break
      this.#keep(chunk.subarray(from, at))
      pass(this.#messageOf(this.#takeAll()))
      from = at + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
  }

  #cutByLength(chunk: Buffer, pass: (message: Message) => void): void {
    this.#keep(chunk)
    while (this.#length >= this.#wanted) {
      const rest = this.#takeAll()
      const [length, kind] = this.#readLength(rest)
      if (length > LONGEST_MESSAGE) throw tooLong()
      const end = LENGTH_BYTES + length
      const isWhole = rest.length >= end
      const data = rest.subarray(LENGTH_BYTES, end)
      if (isWhole) pass(kind === undefined ? this.#messageOf(data) : { data, kind })
      this.#keep(isWhole ? rest.subarray(end) : rest)
      this.#wanted = isWhole ? LENGTH_BYTES : end
    }
  }

  #readLength(rest: Buffer): [length: number, kind: Message['kind'] | undefined] {
    const word = rest.readUInt32BE()
    if (this.#framing !== 'packets') return [word, undefined]
    if (word >= BINARY) return [word - BINARY, 'binary']
    return word >= TEXT ? [word - TEXT, 'text'] : [word, undefined]
  }

  #keep(part: Buffer): void {
    if (part.length > 0) this.#parts.push(part)
    this.#length += part.length
    if (this.#length > LONGEST_MESSAGE + LENGTH_BYTES) throw tooLong()
  }

  #takeAll(): Buffer {
    const [first = Buffer.alloc(0), ...others] = this.#parts
    this.#parts = []
    this.#length = 0
    return others.length === 0 ? first : Buffer.concat([first, ...others])
  }

  #messageOf(data: Buffer): Message {
    const isDos = this.#framing === 'lines' && data.at(-1) === 0x0d
    const body = isDos ? data.subarray(0, -1) : data
    return messageOf(body, this.#kind)
  }
}

/** One message of these bytes, which are nothing but bytes: text when they are UTF-8. */
export function messageOf(data: Buffer, kind?: Message['kind']): Message {
  return { data, kind: kind ?? (isUtf8(data) ? 'text' : 'binary'), isGuess: true }
}

function tooLong(): SockctlError {
  return new SockctlError('ERR_LIMIT', `a message of more than ${formatBytes(LONGEST_MESSAGE)}`)
}
