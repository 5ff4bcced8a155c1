import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { SockctlError } from '../../errors.ts'
import { formatDuration } from '../../units.ts'

/**
 * Pings the peer of a WebSocket at intervals (RFC 6455 §5.5.2), and ends the stream over it with
 * ERR_TIMEOUT when there was no answer from one to the next.
 */
export function keepAsking(ws: WebSocket, duplex: Duplex, intervalMs: number): void {
  let isAnswered = true
  ws.on('pong', () => {
    isAnswered = true
  })
  const timer = setInterval(() => {
    // While we do not read, its answer waits among what we have not read.
    if (ws.isPaused || ws.readyState !== ws.OPEN) return
    if (isAnswered) {
      isAnswered = false
      ws.ping()
    } else {
      const waited = formatDuration(intervalMs)
      duplex.destroy(new SockctlError('ERR_TIMEOUT', `no answer to a ping for ${waited}`))
    }
  }, intervalMs)
  ws.on('close', () => clearInterval(timer))
}
