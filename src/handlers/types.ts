import type { InetAddress } from '../address.ts'
import type { Framing } from '../channel/framing.ts'
import type { Channel } from '../channel/types.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'

/*
 * Handlers use channels. A handler is given one channel and settles when the conversation is over;
 * then the channel is closed. Each is one file in this folder, a factory by the handler's own name
 * that takes its settings, registered in `index.ts`. What several channels share (a relay's room)
 * is made by the factory. Handlers know no transport: `context.dial` opens a connection. One that
 * needs bytes has a channel of messages made a stream by `asStream`.
 */

export interface Handler {
  (channel: Channel, context: HandlerContext): Promise<void>
  /** Told when a session begins, where it does something beside the conversations. Returns its end. */
  readonly begin?: (session: HandlerSession) => () => void
}

/** What a handler can do beside the conversations of a session. */
export interface HandlerSession {
  /** As `HandlerContext.dial`, for nobody in particular. */
  dial(endpoint: Endpoint, wishes?: DialWishes): Promise<Channel>
  /** Says something to a person: one line, no full stop. */
  notice(text: string): void
}

/** What a handler asks of a connection that it opens. */
export interface DialWishes {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Which addresses it may be opened to, whatever name they were found by. */
  readonly mayReach?: ((address: InetAddress) => boolean) | undefined
}

/** Makes a handler from its settings. */
export type HandlerFactory = (settings: never) => Handler

export interface HandlerContext {
  /** Counts from 1 within the session. */
  readonly id: number
  /** By which transport the peer has come: `tcp` also on an inherited socket of it. */
  readonly scheme: Scheme
  /** How messages and bytes become each other, as the user asked. Undefined: as suits the handler. */
  readonly framing?: Framing | undefined
  /** Opens a connection as the user asked the session to dial. Errors as `Transport.dial`. */
  dial(endpoint: Endpoint, wishes?: DialWishes): Promise<Channel>
  /** Says something about this conversation to a person: one line, no full stop. */
  note(text: string): void
}
