import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { isTls } from '../../channel/first-bytes.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { usageError } from '../../errors.ts'
import { tcp } from '../tcp.ts'
import type { Listener, ListenOptions } from '../types.ts'
import { UpgradingListener } from '../upgrading-listener.ts'
import { Carrier } from './carrier.ts'
import { chainOf } from './certificate.ts'
import { tlsReason } from './handshake-failure.ts'
import { refusePlain, takeFirstBytes } from './plain-client.ts'
import { contextOptions, withUsableSettings } from './settings.ts'
import { TlsChannel } from './tls-channel.ts'
import type { TlsListenOptions } from './types.ts'
import { clientFailure } from './verification.ts'

/**
 * Listens on TCP; a peer comes out when it has shaken hands. One that does not speak TLS is told so
 * where it speaks HTTP, and is turned away.
 *
 * @throws as tcp's listen; ERR_USAGE without a certificate, or with one that cannot be used
 */
export async function listenTls(endpoint: InetEndpoint, options: ListenOptions): Promise<Listener> {
  const { tls } = options
  if (tls === undefined) {
    throw usageError(`cannot listen on ${formatEndpoint(endpoint)}: it needs a certificate`)
  }
  const { clientCa } = tls
  const secureContext = withUsableSettings(() =>
    createSecureContext({
      ...contextOptions(tls, clientCa),
      // Without it a client that was asked for a certificate could not resume.
      sessionIdContext: 'sockctl',
    }),
  )
  const inner = await tcp.listen(endpoint, options)
  const upgrade = (channel: Channel): Promise<Channel> => shakeHands(channel, tls, secureContext)
  return new UpgradingListener(inner, upgrade, options.handshakeMs)
}

async function shakeHands(
  channel: Channel,
  { alpn, clientCa, onKeys }: TlsListenOptions,
  secureContext: SecureContext,
): Promise<Channel> {
  const { duplex } = channel
  const bytes = await takeFirstBytes(duplex)
  if (!isTls(bytes)) throw await refusePlain(duplex, bytes)
  duplex.unshift(bytes)
  const carrier = new Carrier(channel)
  const socket = new TLSSocket(carrier, {
    isServer: true,
    secureContext,
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  })
  if (onKeys !== undefined) socket.on('keylog', onKeys)
  try {
    await carrier.secured(socket, 'server')
  } catch (error) {
    throw explain(error)
  }
  if (clientCa !== undefined) ensureVerified(socket)
  return new TlsChannel(channel, socket, 'server')
}

function explain(error: unknown): Error {
  const found = tlsReason(error, 'server')
  return new Error(found ? `no TLS: ${found.reason}` : 'it left in the middle of the handshake')
}

/** Only a server of Node's looks at the verdict; a socket by itself has it, and lets everybody in. */
function ensureVerified(socket: TLSSocket & { ssl?: Verifying }): void {
  const error = socket.ssl?.verifyError()
  if (error === null) return
  const code = error === undefined ? 'unknown' : (error.code ?? error.message)
  const failure = clientFailure({ code, chain: chainOf(socket), now: new Date() })
  socket.destroy()
  throw failure
}

/** Of node's internal tls_wrap: X509_V_OK is null. */
interface Verifying {
  verifyError(): (Error & { code?: string }) | null
}
