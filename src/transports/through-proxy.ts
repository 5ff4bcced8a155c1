import { formatHost } from '../address.ts'
import { addFacts } from '../channel/add-facts.ts'
import type { Channel } from '../channel/types.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { InetEndpoint } from '../endpoint/types.ts'
import { errnoOf, SockctlError, systemError } from '../errors.ts'
import { requestByHttp } from '../proxy/http/request.ts'
import { requestBySocks4, requestBySocks5 } from '../proxy/socks/request.ts'
import type { ProxyServer, ProxyTarget } from '../proxy/types.ts'
import { formatDuration } from '../units.ts'
import { TimedOut } from './happy-eyeballs.ts'
import { inTime } from './in-time.ts'
import { resolveHost } from './resolve.ts'
import type { DialOptions } from './types.ts'

/** How a TCP connection is opened where nothing stands between. */
type DialDirectly = (endpoint: InetEndpoint, options: DialOptions) => Promise<Channel>

/**
 * Opens a connection to a proxy, and through it to an endpoint. The time limit holds for both.
 *
 * @throws as `Transport.dial` where it is about the proxy; ERR_PROTOCOL when the proxy refuses; the
 * rest as the proxy says of the target
 */
export async function dialThrough(
  proxy: ProxyServer,
  endpoint: InetEndpoint,
  options: DialOptions,
  dialDirectly: DialDirectly,
): Promise<Channel> {
  const attempt = `cannot connect to ${formatEndpoint(endpoint)} through ${formatProxy(proxy)}`
  const startedAt = performance.now()
  const left = (): number | undefined =>
    options.timeoutMs && Math.max(1, startedAt + options.timeoutMs - performance.now())
  const target = await targetFor(proxy, endpoint, options)
  const { host, port } = proxy
  const carrier = await dialDirectly(
    { scheme: 'tcp', host, port },
    { ...options, proxy: undefined, resolve: undefined, mayReach: undefined },
  ).catch(error => {
    throw unreachable(attempt, error)
  })
  // What fails while we look elsewhere must not end the process.
  const unheard = (): void => {}
  carrier.duplex.on('error', unheard)
  const { signal } = options
  try {
    const channel =
      proxy.scheme === 'https'
        ? await secure(carrier, proxy, { ...options, timeoutMs: left() })
        : carrier
    await inTime(ask(channel, proxy, target), { timeoutMs: left(), signal })
    addFacts(channel, { proxy: formatProxy(proxy) })
    carrier.duplex.off('error', unheard)
    return channel
  } catch (error) {
    carrier.duplex.destroy()
    throw explain(attempt, error, options)
  }
}

/** Shakes hands with a proxy that is spoken to under TLS. */
async function secure(
  carrier: Channel,
  { host }: ProxyServer,
  { proxyTls, timeoutMs, signal }: DialOptions,
): Promise<Channel> {
  const { ClientHandshake, clientContext } = await import('./tls/client-handshake.ts')
  const settings = { ...proxyTls, side: 'proxy-client' } as const
  const secureContext = clientContext(settings)
  const handshake = new ClientHandshake(carrier, {
    peer: 'the proxy',
    host,
    settings,
    secureContext,
  })
  try {
    return await inTime(handshake.run(), { timeoutMs, signal })
  } catch (error) {
    handshake.abandon()
    throw error
  }
}

/** A proxy as people write it, without who we are there. */
function formatProxy({ scheme, host, port }: ProxyServer): string {
  return `${scheme}://${formatHost(host)}:${port}`
}

/** Names are looked up here, or there, as the scheme says. */
async function targetFor(
  { scheme }: ProxyServer,
  { host = 'localhost', port }: InetEndpoint,
  options: DialOptions,
): Promise<ProxyTarget> {
  const isResolvedThere = ['socks5h', 'socks4a', 'http', 'https'].includes(scheme)
  if (isResolvedThere && options.mayReach === undefined) return { host, port }
  const family = scheme === 'socks4' ? 4 : options.family
  const found = await inTime(resolveHost(host, port, { ...options, family }), options)
  const [address] = found.filter(one => options.mayReach?.(one) !== false)
  if (address !== undefined) return { host: address.host, port }
  throw new SockctlError('ERR_DENIED', `${host} is not where one may connect to`)
}

function ask(
  { duplex }: Channel,
  { scheme, login }: ProxyServer,
  target: ProxyTarget,
): Promise<void> {
  switch (scheme) {
    case 'socks5':
    case 'socks5h':
      return requestBySocks5(duplex, target, login)
    case 'socks4':
    case 'socks4a':
      return requestBySocks4(duplex, target, login)
    default:
      return requestByHttp(duplex, target, login)
  }
}

/** Else it would read as if the target were the one that is not there. */
function unreachable(attempt: string, error: unknown): unknown {
  if (!(error instanceof SockctlError)) return error
  const message = `${attempt}: ${error.message.replace('connect to', 'reach the proxy at')}`
  return new SockctlError(error.code, message, { cause: error, hints: [...error.hints] })
}

function explain(attempt: string, error: unknown, { timeoutMs = 0 }: DialOptions): SockctlError {
  if (error instanceof TimedOut) {
    const message = `${attempt}: the proxy has not answered in ${formatDuration(timeoutMs)}`
    return new SockctlError('ERR_TIMEOUT', message, { cause: error })
  }
  if (error instanceof SockctlError) {
    const isCut = error.code === 'ERR_INCOMPLETE' || error.code === 'ERR_LIMIT'
    const why = error.code === 'ERR_INCOMPLETE' ? 'the proxy hung up' : error.message
    return new SockctlError(isCut ? 'ERR_PROTOCOL' : error.code, `${attempt}: ${why}`, {
      cause: error,
      hints: [...error.hints],
    })
  }
  if (errnoOf(error) === 'ECONNRESET') {
    return new SockctlError('ERR_PROTOCOL', `${attempt}: the proxy hung up (ECONNRESET)`, {
      cause: error,
    })
  }
  return systemError(attempt, error)
}
