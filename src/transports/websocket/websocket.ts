import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import type { ByteTransport, Transport } from '../types.ts'
import { dialOver } from './dial.ts'
import { listenOver } from './listen.ts'

/**
 * WebSocket (RFC 6455) over a transport of bytes: over TCP it is ws, over TLS wss. Its channels are
 * of framing `message`.
 */
export function overWebSocket(
  carrier: ByteTransport,
  scheme: InetEndpoint['scheme'],
): Transport<WebEndpoint> {
  return {
    hasCredentials: true,
    dial: dialOver(carrier, scheme),
    listen: listenOver(carrier, scheme),
  }
}
