import type { Duplex } from 'node:stream'
import { quoteFirstLine } from '../../../channel/first-bytes.ts'

/** More than this no server has to say before TLS begins. */
const LONGEST_BYTES = 64 * 1024

/** The server does not do what it was asked to; the message says what it has said. */
export class Refused extends Error {}

/** A conversation in plain words over a stream that is handed on when it is over. */
export class Dialogue {
  readonly #duplex: Duplex
  #unread: Buffer = Buffer.alloc(0)
  #taken = 0
  #isOver = false
  #wake: () => void = () => {}

  constructor(duplex: Duplex) {
    this.#duplex = duplex
    duplex.on('data', this.#onData)
    duplex.on('end', this.#onEnd)
    duplex.on('close', this.#onEnd)
  }

  say(words: string | Buffer): void {
    this.#duplex.write(words)
  }

  /**
   * The next line, without its line break.
   *
   * @throws Refused when the server leaves, or goes on for too long
   */
  async line(): Promise<string> {
    const end = await this.#await(bytes => bytes.indexOf(0x0a))
    return this.#take(end + 1)
      .toString('latin1')
      .replace(/\r?\n$/, '')
  }

  /** So many bytes. Throws as `line`. */
  async bytes(count: number): Promise<Buffer> {
    await this.#await(bytes => (bytes.length >= count ? count : -1))
    return this.#take(count)
  }

  /** All up to the first match, which is part of it. Throws as `line`. */
  async text(pattern: RegExp): Promise<string> {
    const found = (bytes: Buffer): number => {
      const match = pattern.exec(bytes.toString('latin1'))
      return match === null ? -1 : match.index + match[0].length
    }
    return this.#take(await this.#await(found)).toString('latin1')
  }

  /**
   * Leaves the stream to whoever comes next.
   *
   * @throws Refused when more has come: what somebody on the way has put before TLS must not pass
   *   for something that was said under it (CVE-2011-0411)
   */
  end(): void {
    const duplex = this.#duplex
    duplex.pause()
    duplex.off('data', this.#onData)
    duplex.off('end', this.#onEnd)
    duplex.off('close', this.#onEnd)
    if (this.#unread.length > 0) {
      throw new Refused(`it says more in plain words (${quoteFirstLine(this.#unread)})`)
    }
  }

  /** Waits until `find` finds its place in what has come. */
  async #await(find: (bytes: Buffer) => number): Promise<number> {
    for (;;) {
      const at = find(this.#unread)
      if (at !== -1) return at
      if (this.#isOver) throw this.#left()
      if (this.#taken + this.#unread.length > LONGEST_BYTES) {
        throw new Refused('it talks without end')
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  #left(): Refused {
    const rest = this.#unread
    return new Refused(rest.length === 0 ? 'it left' : `it left (${quoteFirstLine(rest)})`)
  }

  #take(count: number): Buffer {
    const taken = this.#unread.subarray(0, count)
    this.#unread = this.#unread.subarray(count)
    this.#taken += count
    return taken
  }

  #onData = (chunk: Buffer): void => {
    this.#unread = Buffer.concat([this.#unread, chunk])
    this.#wake()
  }

  #onEnd = (): void => {
    this.#isOver = true
    this.#wake()
  }
}

/** Refuses with the words of the server. */
export function refusal(what: string, line: string): Refused {
  return new Refused(`${what} (it said: ${quoteFirstLine(Buffer.from(line, 'latin1'))})`)
}
