/** The event that carries messages when nothing is said: `socket.send()` of the stock packages. */
export const MESSAGE_EVENT = 'message'

/** What both ends of Socket.IO can be asked for. */
export interface SocketIoOptions {
  /** The event that messages go out by, and come in by. Default: `message`. */
  readonly event?: string | undefined
}
