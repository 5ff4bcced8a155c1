import type { Socket } from 'socket.io'
import type { Line } from './socketio-duplex.ts'

/** The connection of a socket, as engine.io has it. */
export function lineOf({ conn }: Socket): Line {
  return {
    isBusy: () =>
      conn.readyState === 'open' && (conn as unknown as Buffered).writeBuffer.length > 0,
    onceIdle(idle) {
      const end = (): void => {
        conn.off('drain', look)
        conn.off('close', end)
        idle()
      }
      const look = (): void => {
        if ((conn as unknown as Buffered).writeBuffer.length === 0) end()
      }
      conn.on('drain', look)
      conn.once('close', end)
    },
    pause() {
      const { socket: ws } = conn.transport as Pausable
      ws?.pause()
      return ws !== undefined
    },
    resume() {
      const { socket: ws } = conn.transport as Pausable
      if (ws?.isPaused) ws.resume()
    },
    abort() {
      const { socket: ws } = conn.transport as Pausable
      ws?.terminate()
      conn.close(true)
    },
  }
}

/** What engine.io does not say of itself in its types. */
interface Buffered {
  readonly writeBuffer: readonly unknown[]
}

/** Of its transport by WebSocket: the socket of `ws`. Long polling has none. */
type Pausable = Socket['conn']['transport'] & {
  readonly socket?: { readonly isPaused: boolean; pause(): void; resume(): void; terminate(): void }
}
