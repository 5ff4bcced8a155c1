import { isIP } from 'node:net'
import { type InetAddress, inetAddress } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { Endpoint } from '../../endpoint/types.ts'
import { type ErrorCode, errnoOf, SockctlError } from '../../errors.ts'
import { reachOf } from '../../proxy/reach.ts'
import { isOfThisMachine } from '../../proxy/this-machine.ts'
import type { ProxyTarget } from '../../proxy/types.ts'
import { formatDuration } from '../../units.ts'
import { joinUpstream, type Upstream } from '../forward/join-upstream.ts'
import type { HandlerContext } from '../types.ts'
import type { ProxySettings } from './settings.ts'

const REQUEST_MS = 10_000

/** What a client that cannot be served is told, in the words of its protocol. */
export type Failure = 'denied' | 'not-found' | 'unreachable' | 'refused' | 'timeout' | 'failed'

/** What is different from one protocol of proxies to another. */
export interface Dialect {
  /** Hears what the client wants. What it refuses it has answered. */
  request(): Promise<ProxyTarget>
  /** The client may speak to its target from now on. */
  granted(): void
  failed(failure: Failure): void
}

/**
 * Serves one client of a proxy: hears what it wants, connects to that, and joins the two.
 *
 * Rejects with what kept it from being served.
 */
export async function tunnel(
  channel: Channel,
  context: HandlerContext,
  settings: ProxySettings,
  dialect: Dialect,
): Promise<void> {
  const { duplex } = channel
  const { requestMs = REQUEST_MS } = settings
  if (channel.framing === 'message') {
    throw new SockctlError('ERR_UNSUPPORTED', 'a proxy is spoken to in bytes, not in messages')
  }
  const timer = setTimeout(() => duplex.destroy(late(requestMs)), requestMs)
  const target = await heard(duplex, dialect).finally(() => clearTimeout(timer))
  const endpoint: Endpoint = { scheme: 'tcp', ...target }
  context.note(`asks for ${formatEndpoint(endpoint)}`)
  const upstream = await open(endpoint, target, context, settings).catch(error => {
    dialect.failed(failureOf(error))
    return leaveWith(duplex, error)
  })
  dialect.granted()
  await joinUpstream(channel, upstream)
}

/** A client that was answered gets to read why, before the connection is broken off. */
async function heard(duplex: Channel['duplex'], dialect: Dialect): Promise<ProxyTarget> {
  try {
    return await dialect.request()
  } catch (error) {
    return leaveWith(duplex, error)
  }
}

/** Ends in good order, that the answer arrives, and fails. */
async function leaveWith(duplex: Channel['duplex'], error: unknown): Promise<never> {
  if (duplex.writable) await new Promise<void>(resolve => duplex.end(() => resolve()))
  throw error
}

function late(ms: number): SockctlError {
  return new SockctlError('ERR_TIMEOUT', `no request in ${formatDuration(ms)}`)
}

async function open(
  endpoint: Endpoint,
  target: ProxyTarget,
  context: HandlerContext,
  settings: ProxySettings,
): Promise<Upstream> {
  const { host, port } = target
  const reaches = reachOf(target, settings)
  if (reaches === undefined) return { endpoint, channel: await context.dial(endpoint) }
  if (isIP(host) !== 0) {
    const address = inetAddress(host, port)
    if (!reaches(address)) throw denied(endpoint, address)
  }
  const ruledOut: InetAddress[] = []
  const mayReach = (address: InetAddress): boolean => {
    const isFine = reaches(address)
    if (!isFine) ruledOut.push(address)
    return isFine
  }
  try {
    // A name is judged by its addresses, and only one that was judged is connected to.
    return { endpoint, channel: await context.dial(endpoint, { mayReach }) }
  } catch (error) {
    // What the system does not permit has a cause.
    const isRuledOut =
      error instanceof SockctlError && error.code === 'ERR_DENIED' && error.cause === undefined
    throw isRuledOut && ruledOut[0] !== undefined ? denied(endpoint, ruledOut[0]) : error
  }
}

/** @param address which it has, or one of them */
function denied(endpoint: Endpoint, address: InetAddress): SockctlError {
  const why = isOfThisMachine(address) ? 'is on this machine or its link, and' : 'is'
  return new SockctlError('ERR_DENIED', `${formatEndpoint(endpoint)} ${why} not in --proxy-to`)
}

const FAILURES: Readonly<Partial<Record<ErrorCode, Failure>>> = {
  ERR_DENIED: 'denied',
  ERR_NOT_FOUND: 'not-found',
  ERR_REFUSED: 'refused',
  ERR_TIMEOUT: 'timeout',
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof SockctlError)) return 'failed'
  const isNoWay = ['ENETUNREACH', 'EHOSTUNREACH'].includes(errnoOf(error.cause) ?? '')
  return isNoWay ? 'unreachable' : (FAILURES[error.code] ?? 'failed')
}
