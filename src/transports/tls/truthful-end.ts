import type { TLSSocket } from 'node:tls'
import { SockctlError } from '../../errors.ts'

/**
 * Makes a socket tell how it ended. Node ends it in good order when its carrier ends, however that
 * came about; here a failure of the carrier is one of the socket. What came before is handed out
 * first. And Node ends one that has nothing to be read, were nobody there yet to hear of it; here the
 * end waits for the first who reads.
 *
 * An end without close_notify (RFC 8446 §6.1) can be made by anybody on the way, and what came may
 * not be all. That the carrier has ended before the socket tells it from one with it.
 *
 * @param needsNotify whether an end without close_notify is a failure (ERR_INCOMPLETE)
 */
export function tellTruthfulEnd(
  socket: TLSSocket,
  carrier: EndingCarrier,
  needsNotify: boolean,
): void {
  const { push, read } = socket
  let failure: Error | undefined
  let isEnded = false
  let isHeld = false
  const failWhenRead = (): void => {
    if (failure !== undefined && socket.readableLength === 0) socket.destroy(failure)
  }
  const end = (): void => {
    isHeld = false
    if (failure === undefined) push.call(socket, null)
    else failWhenRead()
  }
  socket.push = (chunk, encoding) => {
    if (chunk !== null) return push.call(socket, chunk, encoding)
    if (isEnded) return false
    isEnded = true
    if (carrier.isOver) failure = carrier.failure ?? (needsNotify ? cutOff() : undefined)
    isHeld = socket.readableFlowing === null
    if (!isHeld) end()
    return false
  }
  socket.read = size => {
    // Node asks for nothing, to get things going, also when nobody is there.
    if (isHeld && (size !== 0 || socket.readableFlowing !== null)) end()
    const chunk: unknown = read.call(socket, size)
    // After whoever reads has had it.
    if (failure !== undefined && !isHeld) process.nextTick(failWhenRead)
    return chunk
  }
}

/** What there is to know about the end of what carries a socket. */
interface EndingCarrier {
  /** Whether the end has been handed to who reads. */
  readonly isOver: boolean
  /** What has broken it off. */
  readonly failure: Error | undefined
}

function cutOff(): SockctlError {
  return new SockctlError('ERR_INCOMPLETE', 'it ended without close_notify, cut off perhaps')
}
