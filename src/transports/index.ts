import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint, Scheme } from '../endpoint/types.ts'
import { SockctlError } from '../errors.ts'
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
  // Datagrams have a command of their own.
  udp: {},
  tls: async () => (await import('./tls.ts')).tls,
  ws: {},
  wss: {},
  socketio: {},
  socketios: {},
}

/** Opens a connection. Errors as `Transport.dial`, and ERR_UNSUPPORTED where the scheme cannot. */
export async function dial(endpoint: Endpoint, options: DialOptions = {}): Promise<Channel> {
  const transport = await transportOf(endpoint)
  if (transport.dial === undefined) throw unsupported('connect to', endpoint)
  return transport.dial(endpoint, options)
}

/** Opens a listener. Errors as `Transport.listen`, and ERR_UNSUPPORTED where the scheme cannot. */
export async function listen(endpoint: Endpoint, options: ListenOptions = {}): Promise<Listener> {
  const transport = await transportOf(endpoint)
  if (transport.listen === undefined) throw unsupported('listen on', endpoint)
  return transport.listen(endpoint, options)
}

async function transportOf({ scheme }: Endpoint): Promise<Transport> {
  const entry = TRANSPORTS[scheme]
  return typeof entry === 'function' ? entry() : entry
}

function unsupported(attempt: string, endpoint: Endpoint): SockctlError {
  const hints = endpoint.scheme === 'udp' ? ['Datagrams: sockctl udp --help'] : []
  return new SockctlError(
    'ERR_UNSUPPORTED',
    `cannot ${attempt} ${formatEndpoint(endpoint)}: ${endpoint.scheme} does not do that`,
    { hints },
  )
}
