import { once } from 'node:events'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import type { Message } from '../../src/channel/types.ts'
import { within } from './deadline.ts'

const open: WebSocket[] = []

/** Closes what `WebSocketPeer.open` opened in a test. Called once at the top of a file. */
export function closeWebSocketsAfterEach(): void {
  afterEach(() => {
    for (const one of open.splice(0)) one.terminate()
  })
}

/** A client of the package `ws` that keeps what it hears, whole and with its kind. */
export class WebSocketPeer {
  readonly #ws: WebSocket
  readonly #heard: Message[] = []
  readonly #closed: Promise<{ readonly code: number; readonly reason: string }>

  static async open(url: string, options: ConstructorParameters<typeof WebSocket>[2] = {}) {
    const ws = new WebSocket(url, options)
    open.push(ws)
    const peer = new WebSocketPeer(ws)
    await within(5000, 'the handshake', once(ws, 'open'))
    return peer
  }

  private constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('message', (data: Buffer, isBinary) => {
      this.#heard.push({ data, kind: isBinary ? 'binary' : 'text' })
    })
    this.#closed = new Promise(resolve => {
      ws.on('close', (code, reason) => resolve({ code, reason: `${reason}` }))
    })
  }

  say(text: string, kind: Message['kind'] = 'text'): void {
    this.#ws.send(text, { binary: kind === 'binary' })
  }

  /** The next message, as `text:hello`. */
  async next(): Promise<string> {
    const wait = async (): Promise<Message> => {
      for (;;) {
        const message = this.#heard.shift()
        if (message !== undefined) return message
        await once(this.#ws, 'message')
      }
    }
    const { data, kind } = await within(5000, 'a message', wait())
    return `${kind}:${data}`
  }

  /** How it was closed. */
  closed(): Promise<{ readonly code: number; readonly reason: string }> {
    return within(8000, 'the close', this.#closed)
  }

  leave(): void {
    this.#ws.close()
  }
}
