import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import type { ByteTransport, Transport } from '../types.ts'
import { dialOver } from './dial.ts'
import { listenOver } from './listen.ts'

/**
 * Socket.IO (protocol 5, over Engine.IO 4) over a transport of bytes: over TCP it is socketio, over
 * TLS socketios. Its channels are of framing `message`, one for each namespace that a peer joins.
 */
export function overSocketIo(
  carrier: ByteTransport,
  scheme: InetEndpoint['scheme'],
): Transport<WebEndpoint> {
  return {
    hasCredentials: true,
    dial: dialOver(carrier, scheme),
    listen: listenOver(carrier, scheme),
  }
}
