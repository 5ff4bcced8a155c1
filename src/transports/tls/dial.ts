import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { SockctlError } from '../../errors.ts'
import { formatDuration } from '../../units.ts'
import { inTime } from '../in-time.ts'
import { tcp } from '../tcp.ts'
import type { DialOptions } from '../types.ts'
import { ClientHandshake, clientContext } from './client-handshake.ts'

/**
 * Connects over TCP and shakes hands. The time is for both.
 *
 * @throws as tcp's dial; ERR_PROTOCOL when the peer does not speak TLS, or is not who it should be;
 * ERR_USAGE when certificates or keys cannot be used
 */
export async function dialTls(endpoint: InetEndpoint, options: DialOptions): Promise<Channel> {
  const settings = options.tls ?? {}
  const { host = 'localhost' } = endpoint
  const peer = formatEndpoint({ ...endpoint, scheme: 'tls', host })
  const secureContext = clientContext(settings)
  const startedAt = performance.now()
  const carrier = await tcp.dial(endpoint, options)
  const timeoutMs =
    options.timeoutMs && Math.max(1, startedAt + options.timeoutMs - performance.now())
  const handshake = new ClientHandshake(carrier, { peer, host, settings, secureContext })
  try {
    return await inTime(handshake.run(), { timeoutMs, signal: options.signal })
  } catch (error) {
    handshake.abandon()
    if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error
    throw tooSlow(error, peer, options.timeoutMs ?? 0)
  }
}

function tooSlow(cause: Error, peer: string, timeoutMs: number): SockctlError {
  const text = `no TLS with ${peer}: no handshake in ${formatDuration(timeoutMs)}`
  return new SockctlError('ERR_TIMEOUT', text, {
    cause,
    hints: ['It accepts, and then is silent: it may not speak TLS.'],
  })
}
