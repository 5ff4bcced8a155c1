import { Cutter, type Framing, type InnerFraming, toBytes } from './framing.ts'
import type { Channel, Message } from './types.ts'
import { around } from './wrap.ts'

/**
 * A channel as one of bytes: itself, or around it one that lays its messages into a stream.
 *
 * @param framing as is usual with the channel when undefined
 * @param kind of what is written, unless the transport has a usual one. Default: text where it is UTF-8
 * @param outbound how what is written is cut into messages, where that differs
 */
export function asStream(
  channel: Channel,
  framing: InnerFraming = channel.usualFraming ?? 'lines',
  kind?: Message['kind'],
  outbound: InnerFraming = framing,
): Channel {
  if (channel.framing === 'stream') return channel
  const cutter = new Cutter(outbound, { largest: channel.largestMessage, kind })
  return around(channel, 'stream', {
    inbound: (message: Message, pass) => pass(toBytes(message, framing)),
    outbound: (chunk: Buffer, pass) => cutter.cut(chunk, pass),
    atOutboundEnd: pass => cutter.end(pass),
  })
}

/** A channel as one of messages: itself, or around it one that cuts its stream into messages. */
export function asMessages(channel: Channel, framing: Framing): Channel {
  if (channel.framing === 'message') return channel
  const cutter = new Cutter(framing)
  return around(channel, 'message', {
    inbound: (chunk: Buffer, pass) => cutter.cut(chunk, pass),
    outbound: (message: Message, pass) => pass(toBytes(message, framing)),
    atInboundEnd: pass => cutter.end(pass),
  })
}
