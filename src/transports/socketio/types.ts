/** The event that carries messages when nothing is said: `socket.send()` of the stock packages. */
export const MESSAGE_EVENT = 'message'

/** What both ends of Socket.IO can be asked for. */
export interface SocketIoOptions {
  /** The event that messages go out by, and come in by: none of RESERVED_EVENTS. Default: `message`. */
  readonly event?: string | undefined
  /** The events that are heard; others are dropped, and not acknowledged. Default: all. */
  readonly only?: readonly string[] | undefined
}

/** Events that the stock packages emit by themselves, and let nobody send. */
export const RESERVED_EVENTS: readonly string[] = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
]
