import { StringDecoder } from 'node:string_decoder'
import { terminalText } from '../terminal-text.ts'

/**
 * Makes what a peer sends safe for a terminal as it comes, whatever the chunks: line breaks (LF and
 * CR LF) and tabs stay, everything else that a terminal would obey or hide is shown as an escape
 * (`\x1b[2J`). Bytes that are not UTF-8 become U+FFFD.
 */
export class TerminalFilter {
  readonly #decoder = new StringDecoder('utf8')
  /** A CR at the end of a chunk: what follows decides whether it is half of a line break. */
  #heldCr = ''

  push(chunk: Buffer): string {
    return this.#filter(this.#decoder.write(chunk), true)
  }

  /** What was held back for want of the next chunk. */
  end(): string {
    return this.#filter(this.#decoder.end(), false)
  }

  #filter(text: string, hasNext: boolean): string {
    let all = this.#heldCr + text
    this.#heldCr = hasNext && all.endsWith('\r') ? '\r' : ''
    if (this.#heldCr !== '') all = all.slice(0, -1)
    return all
      .split(/(\r?\n|\t)/)
      .map((part, index) => (index % 2 === 0 ? terminalText(part) : part))
      .join('')
  }
}
