import type { Duplex } from 'node:stream'
import type { Channel } from './types.ts'

/** What has gone through a connection each way, without what carries it. */
export interface Traffic {
  readonly bytesIn: number
  readonly bytesOut: number
  /** Absent where there are no messages, or nobody counts them. */
  readonly messagesIn?: number
  readonly messagesOut?: number
}

/** What the stream of a transport has counted: net.Socket does, and a stream of messages besides. */
export function trafficOf(duplex: Duplex): Traffic {
  const { bytesRead = 0, bytesWritten = 0, messagesRead, messagesWritten } = duplex as Counting
  const bytes = { bytesIn: bytesRead, bytesOut: bytesWritten }
  if (messagesRead === undefined || messagesWritten === undefined) return bytes
  return { ...bytes, messagesIn: messagesRead, messagesOut: messagesWritten }
}

/** What has gone over a channel, of whose bytes we have counted these: one of messages knows better. */
export function trafficOver({ framing, duplex }: Channel, bytesIn = 0, bytesOut = 0): Traffic {
  return framing === 'message' ? trafficOf(duplex) : { bytesIn, bytesOut }
}

type Counting = Duplex & {
  readonly bytesRead?: number
  readonly bytesWritten?: number
  readonly messagesRead?: number
  readonly messagesWritten?: number
}
