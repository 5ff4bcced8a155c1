import type { Address } from '../address.ts'
import type { Farewell } from '../channel/types.ts'
import type { Endpoint } from '../endpoint/types.ts'
import type { Refusal } from '../transports/types.ts'

/** What happens in a session, for a log or a program to follow. */
export type SessionEvent =
  | ListeningEvent
  | OpenEvent
  | CloseEvent
  | RefusedEvent
  | NoteEvent
  | TroubleEvent
  | DrainingEvent

/** The session accepts connections from now on. */
export interface ListeningEvent {
  readonly event: 'listening'
  readonly addresses: readonly Address[]
  /** The same as one would dial them. */
  readonly endpoints: readonly Endpoint[]
}

export interface OpenEvent {
  readonly event: 'open'
  readonly id: number
  readonly local: Address
  readonly remote: Address
  /** What else is known about the conversation, for people: a TLS version, a user. */
  readonly facts: Readonly<Record<string, string>>
}

export interface CloseEvent extends Ending {
  readonly event: 'close'
  readonly id: number
  readonly remote: Address
  readonly bytesIn: number
  readonly bytesOut: number
  /** Where the transport carries messages. */
  readonly messagesIn?: number
  readonly messagesOut?: number
  readonly durationMs: number
  /** How it ended, in a few words, where the transport has its own ways. */
  readonly ending?: string
}

/** Who ended a conversation, and how. */
export interface Ending {
  readonly by: 'peer' | 'us'
  /** `fin`: in good order. `rst`: broken off. `stop`: the session was stopped meanwhile. */
  readonly how: 'fin' | 'rst' | 'timeout' | 'limit' | 'stop' | 'error'
  /** What went wrong, where something did. */
  readonly error?: string
  /** The last words, where the transport has some: code and reason of a WebSocket. */
  readonly farewell?: Farewell
}

/** Somebody was turned away at the door. */
export interface RefusedEvent extends Refusal {
  readonly event: 'refused'
}

/** A handler has something to say about a conversation. */
export interface NoteEvent {
  readonly event: 'note'
  readonly id: number
  readonly text: string
}

/** Accepting fails, or works again. */
export interface TroubleEvent {
  readonly event: 'trouble'
  readonly text: string
}

/** The session accepts no more and waits for what is open. */
export interface DrainingEvent {
  readonly event: 'draining'
  readonly open: number
  readonly graceMs: number
}
