import type { TLSSocket } from 'node:tls'
import { SockctlError } from '../../errors.ts'
import type { Carrier } from './carrier.ts'

/**
 * Makes it a failure when a connection ends without close_notify (RFC 8446 §6.1): anybody on the way
 * can end a TCP connection, and what came may not be all. All that came is handed out before.
 *
 * Node ends the stream in both cases. That the carrier has ended first tells them apart.
 */
export function demandCloseNotify(socket: TLSSocket, carrier: Carrier): void {
  let cut: SockctlError | undefined
  const { push, read } = socket
  const failWhenRead = (): void => {
    if (cut !== undefined && socket.readableLength === 0) socket.destroy(cut)
  }
  let isEnded = false
  socket.push = (chunk, encoding) => {
    if (chunk !== null || isEnded) return push.call(socket, chunk, encoding)
    if (!carrier.isOver) {
      isEnded = true
      return push.call(socket, chunk)
    }
    cut = new SockctlError('ERR_INCOMPLETE', 'it ended without close_notify, cut off perhaps')
    failWhenRead()
    return false
  }
  socket.read = size => {
    const chunk: unknown = read.call(socket, size)
    // After whoever reads has had it.
    if (cut !== undefined) process.nextTick(failWhenRead)
    return chunk
  }
}
