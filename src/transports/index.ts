import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'
import { SockctlError } from '../errors.ts'
import { askFirstLine, showFirstLine } from './credential-line.ts'
import { descriptor } from './descriptor.ts'
import { tcp } from './tcp.ts'
import type { DialOptions, Listener, ListenOptions, Transport } from './types.ts'
import { unix } from './unix.ts'

/**
 * The transport of each scheme. A new one is registered here; one that needs more than sockets as a
 * function that loads it, so that nobody else waits for it at the start.
 */
const TRANSPORTS: Readonly<Record<Scheme, Transport | (() => Promise<Transport>)>> = {
  tcp,
  unix,
  fd: descriptor,
  udp: async () => (await import('./udp/index.ts')).udp,
  tls: {},
  ws: async () => (await loadWebSocket())(tcp, 'tcp'),
  wss: async () => (await loadWebSocket())(await transportOf({ scheme: 'tls' }), 'tls'),
  socketio: {},
  socketios: {},
}

/**
 * Opens a connection, and shows the credential of the options. Errors as `Transport.dial`, and
 * ERR_UNSUPPORTED where the scheme cannot.
 */
export async function dial(endpoint: Endpoint, options: DialOptions = {}): Promise<Channel> {
  const transport = await transportOf(endpoint)
  if (transport.dial === undefined) throw unsupported('connect to', endpoint)
  const { credential } = options
  if (credential !== undefined && endpoint.scheme === 'udp') {
    throw unsupported('show a credential to', endpoint)
  }
  const channel = await transport.dial(endpoint, options)
  if (credential !== undefined && !transport.hasCredentials) showFirstLine(channel, credential)
  return channel
}

/**
 * Opens a listener, out of which nobody comes who has not shown the credential of the options. Errors
 * as `Transport.listen`, and ERR_UNSUPPORTED where the scheme cannot.
 */
export async function listen(endpoint: Endpoint, options: ListenOptions = {}): Promise<Listener> {
  const transport = await transportOf(endpoint)
  if (transport.listen === undefined) throw unsupported('listen on', endpoint)
  const { credentials, authMs } = options
  if (credentials === undefined || transport.hasCredentials) {
    return transport.listen(endpoint, options)
  }
  if (endpoint.scheme === 'udp') throw unsupported('ask for a credential on', endpoint)
  return askFirstLine(await transport.listen(endpoint, options), credentials, authMs)
}

async function loadWebSocket() {
  return (await import('./websocket/websocket.ts')).overWebSocket
}

async function transportOf({ scheme }: Pick<Endpoint, 'scheme'>): Promise<Transport> {
  const entry = TRANSPORTS[scheme]
  return typeof entry === 'function' ? entry() : entry
}

function unsupported(attempt: string, endpoint: Endpoint): SockctlError {
  return new SockctlError(
    'ERR_UNSUPPORTED',
    `cannot ${attempt} ${formatEndpoint(endpoint)}: ${endpoint.scheme} does not do that`,
  )
}
