import type { Duplex, Readable, Writable } from 'node:stream'
import type { Address } from '../address.ts'
import type { Framing } from './framing.ts'

/**
 * One open conversation, whatever carries it. Transports make channels, layers change them,
 * handlers use them.
 *
 * Half-close is part of the contract: when the peer ends its side, `duplex` emits `end` and can
 * still be written to; `duplex.end()` ends ours and what the peer sends still arrives. A transport of
 * messages may have none: then the peer's end is its leaving, and it waits only a moment for our last
 * words.
 */
export interface Channel {
  /** Bytes when the framing is `stream`, `Message` objects when it is `message`. */
  readonly duplex: Duplex
  readonly framing: 'stream' | 'message'
  readonly local: Address
  readonly remote: Address
  /** What else is known about the conversation, for people: a TLS version, a user. */
  readonly facts: Readonly<Record<string, string>>
  /** Whether what is sent may be lost, and nothing slows a sender down: datagrams. */
  readonly isLossy?: boolean
  /** How its messages are laid into a stream when nobody says. Default: lines, as people write. */
  readonly usualFraming?: Framing
  /** How many bytes a message can have, where there is a limit. */
  readonly largestMessage?: number
  /** How it ended, in a few words, where it was not by FIN or RST: `idle for 1 min`. */
  readonly ending?: string | undefined
  /** Breaks the conversation off now, unsent data and all: an RST where the transport has one. */
  reset(): void
  /**
   * Ends it for want of a right to it, in words where the transport has some: WebSocket has.
   *
   * @param why there are too many; or who this is may not be in, or may no longer
   */
  turnAway?(why: 'full' | 'denied' | 'no-longer'): void
  /**
   * Looks whether the peer is still there, where nobody would hear of it: once it has ended its side,
   * and while we do not read. If it is gone, `duplex` fails. Absent where the transport notices by
   * itself.
   */
  probe?(): void
  /** How it was closed, once it is and where the transport has words for that: WebSocket has. */
  readonly farewell?: Farewell | undefined
}

/** The last words of a conversation (RFC 6455 §7.1.5). */
export interface Farewell {
  /** Who closed first. */
  readonly by: 'peer' | 'us'
  /** 1006: nobody did, the connection broke. */
  readonly code: number
  /** `''`: none was given. */
  readonly reason: string
}

/** What a channel of framing `message` carries. */
export interface Message {
  readonly data: Buffer
  readonly kind: 'text' | 'binary'
  /** Nobody has said the kind: it was bytes, or a datagram, and a transport may have a usual one. */
  readonly isGuess?: boolean
}

/**
 * A stream that is the connection itself, with no layer around it: when nothing is left to write,
 * all has left the process, and what it reads it can lend.
 */
export interface RawDuplex extends Duplex {
  /** Gives what arrives to `take` from now on, instead of emitting `data`. The end is still emitted. */
  receive(take: Take): void
  /** Shows the first chunk that will come, before anybody gets it. The memory is lent for the call. */
  peek(look: (chunk: Buffer) => void): void
}

/**
 * Takes a chunk; false pauses the stream. The memory of a chunk that is lent will be used again: it
 * holds until true is returned, or else until the stream is resumed. Any other is the taker's own.
 */
export type Take = (chunk: Buffer, isLent: boolean) => boolean

/** Whether a stream is one. */
export function isRaw(stream: Readable | Writable): stream is RawDuplex {
  return 'receive' in stream
}
