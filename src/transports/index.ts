import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'
import { SockctlError } from '../errors.ts'
import { abilitiesOf } from './abilities.ts'
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
  tls: loadTls,
  ws: async () => (await loadWebSocket())(tcp, 'tcp'),
  wss: async () => (await loadWebSocket())(await loadTls(), 'tls'),
  socketio: async () => (await loadSocketIo())(tcp, 'tcp'),
  socketios: async () => (await loadSocketIo())(await loadTls(), 'tls'),
}

/**
 * Opens a connection, and shows the credential of the options. Errors as `Transport.dial`, and
 * ERR_UNSUPPORTED where the scheme cannot.
 */
export async function dial(endpoint: Endpoint, options: DialOptions = {}): Promise<Channel> {
  const transport = await transportOf(endpoint)
  if (transport.dial === undefined) throw unsupported('connect to', endpoint)
  const { credential, proxy, announce } = options
  if (proxy !== undefined && ['unix', 'udp'].includes(endpoint.scheme)) {
    throw unsupported('go through a proxy to', endpoint)
  }
  if (announce !== undefined && endpoint.scheme === 'udp') {
    throw unsupported('send a PROXY header to', endpoint)
  }
  if (credential !== undefined && !transport.hasCredentials && !hasFirstLine(endpoint)) {
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
  const { credentials, authMs, acceptProxy } = options
  if (acceptProxy && endpoint.scheme === 'udp') {
    throw unsupported('ask for a PROXY header on', endpoint)
  }
  if (credentials === undefined || transport.hasCredentials) {
    return transport.listen(endpoint, options)
  }
  if (!hasFirstLine(endpoint)) throw unsupported('ask for a credential on', endpoint)
  return askFirstLine(await transport.listen(endpoint, options), credentials, authMs)
}

/** Where messages are carried there is no line to begin with. */
function hasFirstLine({ scheme }: Endpoint): boolean {
  return abilitiesOf(scheme)?.framing !== 'message'
}

async function loadTls() {
  return (await import('./tls.ts')).tls
}

async function loadWebSocket() {
  return (await import('./websocket/websocket.ts')).overWebSocket
}

async function loadSocketIo() {
  return (await import('./socketio/socketio.ts')).overSocketIo
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
