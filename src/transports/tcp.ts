import { type AddressInfo, isIPv4, type Server } from 'node:net'
import { formatAddress, inetAddress } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { InetEndpoint } from '../endpoint/types.ts'
import { errnoOf, SockctlError, systemError } from '../errors.ts'
import { connectToFirst } from './happy-eyeballs.ts'
import { isLocalhost, resolveHost } from './resolve.ts'
import { TcpChannel } from './socket-channel.ts'
import { listenOn, SocketListener } from './socket-listener.ts'
import type { DialAttempt, DialOptions, Listener, ListenOptions, Transport } from './types.ts'

/** TCP (RFC 9293). */
export const tcp: Transport<InetEndpoint> = { dial, listen }

async function dial(endpoint: InetEndpoint, options: DialOptions): Promise<Channel> {
  const attempt = `cannot connect to ${formatEndpoint(endpoint)}`
  const attempts: DialAttempt[] = []
  const timeout =
    options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs)
  const signals = [options.signal, timeout].filter(one => one !== undefined)
  try {
    const addresses = await resolveHost(endpoint.host ?? 'localhost', endpoint.port, options)
    const { localHost } = options
    const socket = await connectToFirst(
      localHost === undefined
        ? addresses
        : addresses.filter(one => (one.family === 'ipv4') === isIPv4(localHost)),
      {
        ...options,
        signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
        onAttempt: one => {
          attempts.push(one)
          options.onAttempt?.(one)
        },
      },
    )
    return new TcpChannel(socket)
  } catch (error) {
    if (timeout?.aborted) {
      throw new SockctlError('ERR_TIMEOUT', `${attempt}: no answer in ${options.timeoutMs} ms`, {
        hints: tried(attempts),
      })
    }
    const first = error instanceof AggregateError ? error.errors[0] : error
    throw systemError(attempt, first).withHints(...(attempts.length > 1 ? tried(attempts) : []))
  }
}

/** Each address and what it said, when there was more than one to try. */
function tried(attempts: readonly DialAttempt[]): string[] {
  if (attempts.length === 0) return []
  const results = attempts.map(({ address, error }) => {
    const result = error === undefined ? 'connected' : (errnoOf(error) ?? error.message)
    return `${formatAddress(address)} ${result}`
  })
  return [`Tried ${results.join(', ')}.`]
}

async function listen(endpoint: InetEndpoint, options: ListenOptions): Promise<Listener> {
  const hosts = listenHosts(endpoint.host, options)
  try {
    const servers = await listenTogether(hosts, endpoint.port, options.backlog)
    const addresses = servers.map(server => {
      const { address, port } = server.address() as AddressInfo
      return inetAddress(address, port)
    })
    return new SocketListener(servers, addresses, socket => new TcpChannel(socket))
  } catch (error) {
    throw systemError(
      `cannot listen on ${formatEndpoint({ ...endpoint, ...literal(error) })}`,
      error,
    )
  }
}

/** The address that could not be bound, as Node puts it on its error. */
function literal(error: unknown): { host?: string } {
  const host = error instanceof Error && 'address' in error ? error.address : undefined
  return typeof host === 'string' ? { host } : {}
}

/** Loopback unless somebody asks for more; `localhost` is both loopbacks. */
function listenHosts(host: string | undefined, options: ListenOptions): readonly string[] {
  if (host !== undefined && !isLocalhost(host)) return [host]
  const both =
    host === undefined && options.public === true ? ['0.0.0.0', '::'] : ['127.0.0.1', '::1']
  return both.filter(
    (_, index) => options.family === undefined || options.family === (index === 0 ? 4 : 6),
  )
}

/** How often another port is drawn when the one that IPv4 gave is taken on IPv6. */
const PORT_DRAWS = 20

/**
 * Listens on one port of several hosts, all or none. Port 0 is drawn once and must be free on all.
 * A host whose family this machine does not have is left out, unless it is the only one.
 */
async function listenTogether(
  hosts: readonly string[],
  port: number,
  backlog: number | undefined,
): Promise<readonly Server[]> {
  for (let draw = 1; ; draw++) {
    const servers: Server[] = []
    let absent: unknown
    try {
      for (const host of hosts) {
        const bound = servers[0]?.address() as AddressInfo | undefined
        try {
          servers.push(
            await listenOn({
              host,
              port: bound?.port ?? port,
              ipv6Only: hosts.length > 1 && host.includes(':'),
              ...(backlog === undefined ? {} : { backlog }),
            }),
          )
        } catch (error) {
          if (hosts.length === 1 || !isFamilyAbsent(error)) throw error
          absent = error
        }
      }
      if (servers.length === 0) throw absent
      return servers
    } catch (error) {
      for (const server of servers) server.close()
      const drawAgain = port === 0 && errnoOf(error) === 'EADDRINUSE' && draw < PORT_DRAWS
      if (!drawAgain) throw error
    }
  }
}

function isFamilyAbsent(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errnoOf(error) ?? '')
}
