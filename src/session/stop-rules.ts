import { usageError } from '../errors.ts'
import { BoundedMatch } from './bounded-match.ts'

/** When a conversation that we opened is over before the peer ends it. The first that holds counts. */
export interface StopRules {
  /** What has to come. */
  readonly expect?: Expectation | undefined
  /** So many lines, or bytes: what came beyond them is not passed on. */
  readonly lines?: number | undefined
  readonly bytes?: number | undefined
  /** Silence in both directions, counted from the first byte that came: a slow answer is not cut. */
  readonly idleMs?: number | undefined
  /** The same, but counted only once all is sent. */
  readonly settleMs?: number | undefined
  /** Only the peer's end ends it; what is expected is then looked for in all that came. */
  readonly untilClose?: boolean | undefined
  /** How long the peer may go on once all is sent. */
  readonly quitMs?: number | undefined
  /** In all, connecting included. */
  readonly timeoutMs?: number | undefined
}

/** A pattern over bytes, as somebody typed it. */
export interface Expectation {
  readonly text: string
  readonly pattern: RegExp
  readonly encoding: 'latin1' | 'utf8'
}

/**
 * Reads a regular expression over what comes: `^` and `$` stand at every line. An ASCII pattern sees
 * bytes, so that `\xff` is that byte; one with other letters sees UTF-8 text. A quantifier with
 * nothing before it stands for itself, as in grep: `+OK`.
 *
 * @throws ERR_USAGE
 */
export function parseExpectation(text: string): Expectation {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  const isAscii = /^[\x00-\x7f]*$/.test(text)
  const source = text.replace(/^[*+?]/, '\\$&')
  try {
    const pattern = new RegExp(source, isAscii ? 'gm' : 'gmu')
    return { text, pattern, encoding: isAscii ? 'latin1' : 'utf8' }
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[gmu]*: /, '') : ''
    throw usageError(`not a regular expression: "${text}" (${reason.toLowerCase()})`)
  }
}

/** How far back an expectation sees: a match may lie across chunks, but not across more than this. */
const WINDOW_BYTES = 64 * 1024

/** How long one look for what is expected may take: an everyday one takes less than a millisecond. */
const LOOK_LIMIT_MS = 1000

const NEWLINE = 0x0a

/** Follows what comes, and says when it is what was asked for. */
export class ReplyWatch {
  readonly #rules: StopRules
  readonly #match: BoundedMatch | undefined
  #bytes = 0
  #lines = 0
  #lastByte = NEWLINE
  #matched = false
  #window: Buffer = Buffer.alloc(0)
  #isWindowCut = false

  constructor(rules: StopRules) {
    this.#rules = rules
    this.#match = rules.expect && new BoundedMatch(rules.expect.pattern)
  }

  /** Whether what was expected has come. */
  get matched(): boolean {
    return this.#matched
  }

  /** The lines that came with their line break; counted only where a rule asks for lines. */
  get wholeLines(): number {
    return this.#lines
  }

  /** Whether what came last is (so far) a line without its line break. */
  get isInLine(): boolean {
    return this.#lastByte !== NEWLINE
  }

  /**
   * Takes a chunk: what of it was asked for, and whether it is over. `met`: that is all there is to
   * wait for. `runaway`: whether what is expected came cannot be told in reasonable time.
   *
   * @param msLeft the time that is left for it all
   */
  take(
    chunk: Buffer,
    msLeft = Infinity,
  ): { readonly kept: Buffer; readonly ended: 'met' | 'runaway' | undefined } {
    const { bytes, lines, untilClose } = this.#rules
    const kept = this.#upToLastLine(chunk.subarray(0, (bytes ?? Infinity) - this.#bytes))
    this.#bytes += kept.length
    this.#lastByte = kept.at(-1) ?? this.#lastByte
    if (!this.#look(kept, Math.min(LOOK_LIMIT_MS, Math.max(1, msLeft)))) {
      return { kept, ended: 'runaway' }
    }
    const isMet =
      this.#bytes === bytes || this.#lines === lines || (this.#matched && untilClose !== true)
    return { kept, ended: isMet ? 'met' : undefined }
  }

  #upToLastLine(chunk: Buffer): Buffer {
    const { lines } = this.#rules
    if (lines === undefined) return chunk
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) {
      if (++this.#lines === lines) return chunk.subarray(0, at + 1)
    }
    return chunk
  }

  /** False when it cannot be told in time. */
  #look(chunk: Buffer, limitMs: number): boolean {
    const { expect } = this.#rules
    if (expect === undefined || this.#match === undefined || this.#matched) return true
    const window = this.#window.length === 0 ? chunk : Buffer.concat([this.#window, chunk])
    // Of a cut window the first byte only tells whether a line begins after it.
    const from = this.#isWindowCut ? 1 : 0
    const found = this.#match.test(window.toString(expect.encoding), from, limitMs)
    if (found === undefined) return false
    this.#matched = found
    this.#isWindowCut ||= window.length > WINDOW_BYTES
    this.#window = window.subarray(-WINDOW_BYTES)
    return true
  }
}
