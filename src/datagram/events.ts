import type { InetAddress } from '../address.ts'
import type { Datagram } from '../transports/udp/types.ts'
import type { AnswerRefusal } from './answer.ts'

/** What happens at a listener for datagrams, for a log or a program to follow. */
export type ListenEvent =
  | DatagramEvent
  | AnsweredEvent
  | UnansweredEvent
  | DeniedEvent
  | TroubleEvent

export interface DatagramEvent extends Datagram {
  readonly event: 'datagram'
}

/** An answer was handed to the system. */
export interface AnsweredEvent {
  readonly event: 'answered'
  /** The datagram that it answers. */
  readonly id: number
  readonly remote: InetAddress
  readonly local: InetAddress
  readonly bytes: number
}

/** A datagram was not answered, though it should be. */
export interface UnansweredEvent extends Omit<AnswerRefusal, 'reason'> {
  readonly event: 'unanswered'
  readonly id: number
  readonly remote: InetAddress
  /** `failed`: the system would not send it. `busy`: too many answers wait to be sent. */
  readonly reason: AnswerRefusal['reason'] | 'failed' | 'busy'
}

/** A datagram came from somebody who may not in. */
export interface DeniedEvent {
  readonly event: 'denied'
  readonly remote: InetAddress
  readonly local: InetAddress
  readonly bytes: number
}

/** Something is not as it should be; listening goes on. */
export interface TroubleEvent {
  readonly event: 'trouble'
  readonly text: string
}
