import type { InetEndpoint, WebEndpoint } from '../../endpoint/types.ts'
import type { ByteTransport, Listener, ListenOptions } from '../types.ts'
import { UpgradingListener } from '../upgrading-listener.ts'
import { HandshakeServer } from './handshake-server.ts'

/**
 * Listens for WebSockets on a listener of another transport.
 *
 * @returns a listen that throws what the carrier's throws
 */
export function listenOver(
  carrier: ByteTransport,
  scheme: InetEndpoint['scheme'],
): (endpoint: WebEndpoint, options: ListenOptions) => Promise<Listener> {
  return async (endpoint, options) => {
    const { host, port } = endpoint
    const { WebSocket, WebSocketServer } = await import('ws')
    const inner = await carrier.listen({ scheme, host, port }, options)
    const server = new HandshakeServer({
      WebSocket,
      WebSocketServer,
      endpoint,
      options: options.websocket ?? {},
      credentials: options.credentials,
      isFull: options.isFull,
    })
    return new UpgradingListener(inner, channel => server.receive(channel), options.handshakeMs)
  }
}
