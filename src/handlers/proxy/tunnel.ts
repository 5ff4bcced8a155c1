import { isIP } from 'node:net'
import { inetAddress } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { Endpoint } from '../../endpoint/types.ts'
import { type ErrorCode, errnoOf, SockctlError } from '../../errors.ts'
import type { TargetList } from '../../proxy/target-list.ts'
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
  { requestMs = REQUEST_MS, targets }: ProxySettings,
  dialect: Dialect,
): Promise<void> {
  const { duplex } = channel
  if (channel.framing === 'message') {
    throw new SockctlError('ERR_UNSUPPORTED', 'a proxy is spoken to in bytes, not in messages')
  }
  const timer = setTimeout(() => duplex.destroy(late(requestMs)), requestMs)
  const target = await heard(duplex, dialect).finally(() => clearTimeout(timer))
  const endpoint: Endpoint = { scheme: 'tcp', ...target }
  context.note(`asks for ${formatEndpoint(endpoint)}`)
  const upstream = await open(endpoint, target, context, targets).catch(error => {
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
  targets: TargetList | undefined,
): Promise<Upstream> {
  if (targets === undefined || targets.names(target)) {
    return { endpoint, channel: await context.dial(endpoint) }
  }
  const { host, port } = target
  const isOut = isIP(host) !== 0 && !targets.reaches({ ...inetAddress(host, port) })
  if (isOut)
    throw new SockctlError('ERR_DENIED', `${formatEndpoint(endpoint)} is not in --proxy-to`)
  // A name is judged by its addresses, and only one that was judged is connected to.
  const mayReach = targets.reaches.bind(targets)
  return { endpoint, channel: await context.dial(endpoint, { mayReach }) }
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
