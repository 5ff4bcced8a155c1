import type { Framing } from '../channel/framing.ts'
import type { Channel } from '../channel/types.ts'
import type { Endpoint } from '../endpoint/types.ts'

/*
 * Handlers use channels. A handler is given one channel and settles when the conversation is over;
 * then the channel is closed. Each is one file in this folder, a factory by the handler's own name
 * that takes its settings, registered in `index.ts`. What several channels share (a relay's room)
 * is made by the factory. Handlers know no transport: `context.dial` opens a connection. One that
 * needs bytes has a channel of messages made a stream by `asStream`.
 */

export type Handler = (channel: Channel, context: HandlerContext) => Promise<void>

/** Makes a handler from its settings. */
export type HandlerFactory = (settings: never) => Handler

export interface HandlerContext {
  /** Counts from 1 within the session. */
  readonly id: number
  /** How messages and bytes become each other, as the user asked. Undefined: as suits the handler. */
  readonly framing?: Framing | undefined
  /** Opens a connection as the user asked the session to dial. Errors as `Transport.dial`. */
  dial(endpoint: Endpoint): Promise<Channel>
  /** Says something about this conversation to a person: one line, no full stop. */
  note(text: string): void
}
