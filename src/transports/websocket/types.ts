import type { Message } from '../../channel/types.ts'

/** What both ends of a WebSocket can be asked for. */
export interface WebSocketOptions {
  /** Offered when dialling, in order of preference; chosen from when listening (RFC 6455 §1.9). */
  readonly subprotocols?: readonly string[] | undefined
  /** How often the peer is asked whether it is there. One that has not answered by then is gone. */
  readonly pingMs?: number | undefined
  /** Compresses messages where the peer does too (permessage-deflate, RFC 7692). */
  readonly compress?: boolean | undefined
  /** The longest message that is taken, in bytes: more is closed with 1009. Default: 16 MiB. */
  readonly maxMessageBytes?: number | undefined
  /**
   * What is sent for a message that nobody has said the kind of, because it was bytes. Default: text
   * where it is UTF-8, and bytes where it is passed on from a connection of them.
   */
  readonly kind?: Message['kind'] | undefined
}

/** What dialling a WebSocket can be asked for besides. */
export interface WebSocketDialOptions extends WebSocketOptions {
  /** Sent with the handshake, in this order. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined
  /** The header of that name, which browsers send and command lines do not. */
  readonly origin?: string | undefined
}

/** What listening for WebSockets can be asked for besides. */
export interface WebSocketListenOptions extends WebSocketOptions {
  /** Origins whose pages may connect, besides loopback and our own: `https://app.test`, or `*`. */
  readonly allowOrigins?: readonly string[] | undefined
  /** Names by which we may be called, besides those of this machine and what we listen on. */
  readonly allowHosts?: readonly string[] | undefined
  /** Answers browsers that ask for a page with one to talk from. Default: no. */
  readonly console?: boolean | undefined
}

/** The longest message that is taken when nothing is said. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024
