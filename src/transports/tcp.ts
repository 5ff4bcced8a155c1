import { type AddressInfo, isIPv4, type Server } from 'node:net'
import { formatAddress, type InetAddress, inetAddress } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { InetEndpoint } from '../endpoint/types.ts'
import { errnoOf, SockctlError, systemError } from '../errors.ts'
import { formatDuration } from '../units.ts'
import { admitAtSocket, withHeaders } from './accept-headers.ts'
import { connectToFirst } from './happy-eyeballs.ts'
import { inTime } from './in-time.ts'
import { isLocalhost, resolveHost } from './resolve.ts'
import { TcpChannel } from './socket-channel.ts'
import { listenOn, SocketListener } from './socket-listener.ts'
import type { DialAttempt, DialOptions, Listener, ListenOptions, Transport } from './types.ts'

/** TCP (RFC 9293). */
export const tcp = { dial, listen } satisfies Transport<InetEndpoint>

async function dial(endpoint: InetEndpoint, options: DialOptions): Promise<Channel> {
  const channel = await dialAnyhow(endpoint, options)
  if (options.announce === undefined) return channel
  const { announce } = await import('./proxy-protocol/send.ts')
  return announce(channel, options.announce)
}

async function dialAnyhow(endpoint: InetEndpoint, options: DialOptions): Promise<Channel> {
  if (options.proxy === undefined) return dialDirectly(endpoint, options)
  const { dialThrough } = await import('./through-proxy.ts')
  return dialThrough(options.proxy, endpoint, options, dialDirectly)
}

async function dialDirectly(endpoint: InetEndpoint, options: DialOptions): Promise<Channel> {
  const { host = 'localhost', port } = endpoint
  const attempts: DialAttempt[] = []
  const onAttempt = (attempt: DialAttempt): void => {
    attempts.push(attempt)
    options.onAttempt?.(attempt)
  }
  const startedAt = performance.now()
  try {
    const resolve = options.resolve ?? resolveHost
    const found = resolve(host, port, options)
    const known = found instanceof Promise ? await inTime(found, options) : found
    const addresses = reachableFrom(options.localHost, permitted(known, host, options), host)
    const timeoutMs = options.timeoutMs && startedAt + options.timeoutMs - performance.now()
    return new TcpChannel(await connectToFirst(addresses, { ...options, timeoutMs, onAttempt }))
  } catch (error) {
    throw dialError(error, { endpoint: { ...endpoint, host }, attempts, options })
  }
}

/** Those of the addresses that one may connect to. */
function permitted(
  addresses: readonly InetAddress[],
  host: string,
  { mayReach }: DialOptions,
): readonly InetAddress[] {
  if (mayReach === undefined) return addresses
  const found = addresses.filter(mayReach)
  if (found.length > 0) return found
  throw new SockctlError('ERR_DENIED', `${host} is not where one may connect to`)
}

/** From an IPv4 address of this machine only IPv4 addresses can be reached, and so for IPv6. */
function reachableFrom(
  localHost: string | undefined,
  addresses: readonly InetAddress[],
  host: string,
): readonly InetAddress[] {
  if (localHost === undefined) return addresses
  const family = isIPv4(localHost) ? 4 : 6
  const reachable = addresses.filter(one => one.family === `ipv${family}`)
  if (reachable.length > 0) return reachable
  throw new SockctlError(
    'ERR_NOT_FOUND',
    `${host} has no IPv${family} address that could be reached from ${localHost}`,
  )
}

interface FailedDial {
  readonly endpoint: InetEndpoint
  readonly attempts: readonly DialAttempt[]
  readonly options: DialOptions
}

function dialError(error: unknown, { endpoint, attempts, options }: FailedDial): SockctlError {
  if (error instanceof SockctlError) return error
  const attempt = `cannot connect to ${formatEndpoint(endpoint)}${source(options)}`
  const isTimeout = error instanceof Error && error.name === 'TimeoutError'
  if (isTimeout && options.timeoutMs !== undefined) {
    const noAnswer = `no answer in ${formatDuration(options.timeoutMs)}`
    if (attempts.length === 0) {
      return new SockctlError('ERR_TIMEOUT', `cannot look up ${endpoint.host}: ${noAnswer}`)
    }
    return new SockctlError('ERR_TIMEOUT', `${attempt}: ${noAnswer}`, {
      cause: error,
      hints: [...tried(attempts), 'Something drops what is sent there, or the address is wrong.'],
    })
  }
  const failure = systemError(attempt, error instanceof AggregateError ? telling(error) : error)
  return attempts.length > 1 ? failure.withHints(...tried(attempts)) : failure
}

/** The address that was asked to connect from: it may be the one at fault. */
function source({ localHost, localPort }: DialOptions): string {
  if (localPort === undefined) return localHost === undefined ? '' : ` from ${localHost}`
  return localHost === undefined
    ? ` from port ${localPort}`
    : ` from ${formatAddress(inetAddress(localHost, localPort))}`
}

/** Errnos that say little beside another: nobody listens there, or no way leads there from here. */
const NOBODY = ['ECONNREFUSED']
const NO_WAY = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']

/** The failure that says most. */
function telling({ errors }: AggregateError): unknown {
  const saysMore = (than: readonly string[]): unknown =>
    errors.find(one => !than.includes(errnoOf(one) ?? ''))
  return saysMore([...NO_WAY, ...NOBODY]) ?? saysMore(NO_WAY) ?? errors[0]
}

/** Each address and what it said. */
function tried(attempts: readonly DialAttempt[]): string[] {
  if (attempts.length === 0) return []
  const results = attempts.map(({ address, error }) => {
    return `${formatAddress(address)} (${errnoOf(error) ?? 'no answer'})`
  })
  return [`Tried ${results.join(' and ')}.`]
}

async function listen(endpoint: InetEndpoint, options: ListenOptions): Promise<Listener> {
  const hosts = listenHosts(endpoint.host, options)
  try {
    const servers = await listenTogether(hosts, endpoint.port, options.backlog)
    const addresses = servers.map(server => {
      const { address, port } = server.address() as AddressInfo
      return inetAddress(address, port)
    })
    return await withHeaders(
      new SocketListener(
        servers,
        addresses,
        socket => new TcpChannel(socket),
        admitAtSocket(options),
      ),
      options,
    )
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
