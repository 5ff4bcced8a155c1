import { isUtf8 } from 'node:buffer'
import { Duplex } from 'node:stream'
import type { RawData } from 'ws'
import type { Farewell, Message } from '../../channel/types.ts'
import { SockctlError } from '../../errors.ts'
import { formatBytes } from '../../units.ts'
import { ABNORMAL, AGAINST_THE_RULES, GOING_AWAY, isGoodFarewell } from './close-codes.ts'
import type { PatientWebSocket } from './patient-websocket.ts'
import { MAX_MESSAGE_BYTES, type WebSocketOptions } from './types.ts'

type Done = (error?: Error | null) => void

/**
 * How long a peer that has sent its close frame is kept waiting for ours, while we may still have
 * something to say. Libraries wait for 10 s and more.
 */
const LAST_WORDS_MS = 5000

/** How long a peer may take to answer our close frame when we have no more patience. */
const PARTING_MS = 250

/** A WebSocket as a stream of `Message`s, with back-pressure in both directions. */
export class WebSocketDuplex extends Duplex {
  /** What was said, without frames: in bytes and in messages. */
  bytesRead = 0
  bytesWritten = 0
  messagesRead = 0
  messagesWritten = 0
  farewell: Farewell | undefined
  readonly #ws: PatientWebSocket
  readonly #carrier: Duplex
  readonly #options: WebSocketOptions
  #lastWords: NodeJS.Timeout | undefined
  #hasSentClose = false

  constructor(ws: PatientWebSocket, carrier: Duplex, options: WebSocketOptions) {
    // One message that is not taken is enough to hold the peer back: it may be large.
    super({ allowHalfOpen: true, objectMode: true, readableHighWaterMark: 1 })
    this.#ws = ws
    this.#carrier = carrier
    this.#options = options
    ws.on('message', this.#onMessage)
    ws.on('farewell', this.#onFarewell)
    ws.on('error', this.#onError)
    ws.on('close', this.#onClose)
  }

  #onMessage = (raw: RawData, isBinary: boolean): void => {
    // With the `binaryType` that we leave as it is.
    const data = raw as Buffer
    this.bytesRead += data.length
    this.messagesRead++
    const message: Message = { data, kind: isBinary ? 'binary' : 'text' }
    if (!this.push(message)) this.#ws.pause()
  }

  override _read(): void {
    if (this.#ws.isPaused) this.#ws.resume()
  }

  #onFarewell = (code: number, reason: string): void => {
    this.farewell ??= { by: 'peer', code, reason }
    this.push(null)
    const hasPatience = !this.#hasSentClose && isGoodFarewell({ code }) && code !== GOING_AWAY
    if (!hasPatience) this.#sendClose(code)
    else this.#lastWords = setTimeout(() => this.#sendClose(code), LAST_WORDS_MS)
  }

  #onError = (error: Error): void => {
    this.destroy(this.#explain(error))
  }

  #onClose = (code: number): void => {
    clearTimeout(this.#lastWords)
    if (this.destroyed) return
    if (code !== ABNORMAL) {
      // Nothing can be written any more.
      this.end()
      return
    }
    const { readableEnded, errored } = this.#carrier
    if (this.farewell?.by === 'us' && !readableEnded && errored === null) {
      this.destroy(new SockctlError('ERR_TIMEOUT', 'no answer to our close frame'))
      return
    }
    this.farewell = { by: 'peer', code, reason: '' }
    // For everybody above it is what a reset is.
    const error = new Error('closed without a close frame (1006)')
    this.destroy(Object.assign(error, { code: 'ECONNRESET' }))
  }

  #explain(error: Error & { readonly code?: unknown }): Error {
    const name = String(error.code)
    if (!name.startsWith('WS_ERR')) return error
    const code = CLOSE_CODES[name] ?? 1002
    this.farewell = { by: 'us', code, reason: '' }
    if (code === 1009) {
      const most = formatBytes(this.#options.maxMessageBytes ?? MAX_MESSAGE_BYTES)
      return new SockctlError('ERR_LIMIT', `a message of more than ${most} (1009)`)
    }
    const what = error.message.replace(/^Invalid WebSocket frame: /, '')
    return new SockctlError('ERR_PROTOCOL', `bad WebSocket frame: ${what} (${code})`)
  }

  override _write(message: Message, _encoding: string, done: Done): void {
    const { data, isGuess } = message
    const kind = (isGuess && this.#options.kind) || message.kind
    if (this.#ws.readyState !== this.#ws.OPEN) {
      done(new SockctlError('ERR_RESET', 'the WebSocket is closed'))
    } else if (kind === 'text' && message.kind === 'binary' && !isUtf8(data)) {
      done(new SockctlError('ERR_USAGE', 'what is to be sent is not text: send it with --binary'))
    } else {
      this.#ws.send(data, { binary: kind === 'binary' }, error => {
        this.bytesWritten += data.length
        this.messagesWritten++
        done(error)
      })
    }
  }

  /** What has waited goes out in one write(2). */
  override _writev(chunks: readonly { chunk: Message; encoding: string }[], done: Done): void {
    let waiting = chunks.length
    let failure: Error | null | undefined
    const sent: Done = error => {
      failure ??= error
      if (--waiting === 0) done(failure)
    }
    this.#carrier.cork()
    for (const { chunk, encoding } of chunks) this._write(chunk, encoding, sent)
    this.#carrier.uncork()
  }

  override _final(done: Done): void {
    this.#sendClose(1000)
    done()
  }

  #sendClose(code: number, reason?: string): void {
    clearTimeout(this.#lastWords)
    this.#hasSentClose = true
    this.farewell ??= { by: 'us', code, reason: reason ?? '' }
    this.#ws.sendClose(code, reason)
  }

  /** Ends it now, in these words. */
  dismiss(code: number, reason: string): void {
    this.#sendClose(code, reason)
    this.destroy()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#lastWords)
    const ws = this.#ws
    if (ws.readyState === ws.CLOSED) {
      done(error)
      return
    }
    ws.on('close', () => done(error))
    const isParting = this.#hasSentClose && this.readableEnded && error === null
    if (isParting) return
    if (!this.#hasSentClose && ws.readyState === ws.OPEN) this.#sendClose(...partingWords(error))
    // A peer that does not answer must not keep us.
    setTimeout(() => ws.terminate(), PARTING_MS).unref()
  }
}

/** With what `ws` closes, by its names for errors; 1002 where it is not said here. */
const CLOSE_CODES: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
}

/** What is said to a peer whose conversation is ended from our side. */
function partingWords(error: Error | null): [code: number, reason?: string] {
  if (error === null) return [GOING_AWAY]
  const code = error instanceof SockctlError ? error.code : undefined
  if (code === 'ERR_TIMEOUT') return [GOING_AWAY, error.message]
  if (code === 'ERR_LIMIT') return [AGAINST_THE_RULES, error.message]
  return [1011]
}
