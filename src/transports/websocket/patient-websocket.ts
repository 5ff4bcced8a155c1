import type { WebSocket } from 'ws'

/**
 * A WebSocket of the package `ws` that leaves it to us when the close frame of the peer is answered.
 * `ws` answers at once, and what was still to be said is lost: the replies to the peer's last
 * messages. RFC 6455 §5.5.1 lets one finish first.
 *
 * Emits `farewell`, with code and reason, when the peer has sent its close frame.
 */
export interface PatientWebSocket extends WebSocket {
  /** Sends our close frame; nothing can be sent after it. */
  sendClose(code: number, reason?: string): void
}

/** Makes such a class of the one that is given: the package is loaded only where it is used. */
export function patient(
  Base: typeof WebSocket,
): new (
  ...args: ConstructorParameters<typeof WebSocket>
) => PatientWebSocket {
  return class extends Base implements PatientWebSocket {
    #code: number | undefined

    /** Called by `ws` itself: when the peer has closed, or broken the protocol. */
    override close(code?: number, reason?: string | Buffer): void {
      this.#code = code
      let isBroken = false
      const onError = (): void => {
        isBroken = true
        super.close(code)
      }
      this.once('error', onError)
      // An error is told in the same turn.
      queueMicrotask(() => {
        this.off('error', onError)
        if (!isBroken) this.emit('farewell', code ?? 1005, `${reason ?? ''}`)
      })
    }

    sendClose(code: number, reason?: string): void {
      super.close(this.#code ?? code, reason)
    }
  }
}
