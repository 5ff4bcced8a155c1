import { isIP } from 'node:net'
import { checkServerIdentity, connect, createSecureContext, type TLSSocket } from 'node:tls'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { SockctlError, systemError } from '../../errors.ts'
import { formatDuration } from '../../units.ts'
import { inTime } from '../in-time.ts'
import { tcp } from '../tcp.ts'
import type { DialOptions } from '../types.ts'
import { Carrier } from './carrier.ts'
import { chainOf } from './certificate.ts'
import { handshakeFailure } from './handshake-failure.ts'
import { contextOptions, withUsableSettings } from './settings.ts'
import { startTls } from './starttls/index.ts'
import { TlsChannel } from './tls-channel.ts'
import type { TlsDialOptions } from './types.ts'
import { verificationFailure } from './verification.ts'

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
  const secureContext = withUsableSettings(() =>
    createSecureContext(contextOptions(settings, settings.ca)),
  )
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

interface Terms {
  /** For messages. */
  readonly peer: string
  readonly host: string
  readonly settings: TlsDialOptions
  readonly secureContext: ReturnType<typeof createSecureContext>
}

/** One handshake as a client, from the first byte to a channel. */
class ClientHandshake {
  readonly #channel: Channel
  readonly #terms: Terms
  #isAbandoned = false

  constructor(channel: Channel, terms: Terms) {
    this.#channel = channel
    this.#terms = terms
    // What fails while nobody looks must not end the process.
    channel.duplex.on('error', () => {})
  }

  /** @throws ERR_PROTOCOL, or what the dialogue before it throws */
  async run(): Promise<Channel> {
    const { settings, peer, host } = this.#terms
    const { starttls } = settings
    if (starttls !== undefined) await startTls(this.#channel.duplex, starttls, { peer, host })
    const carrier = new Carrier(this.#channel)
    const socket = this.#connect(carrier)
    try {
      await carrier.secured(socket, 'client')
    } catch (error) {
      const { head } = carrier
      throw handshakeFailure(error, { peer, head }) ?? systemError(`no TLS with ${peer}`, error)
    }
    this.#judge(socket)
    const secured = new TlsChannel(this.#channel, socket, 'client')
    if (this.#isAbandoned) secured.reset()
    return secured
  }

  /** Leaves it as it is. */
  abandon(): void {
    this.#isAbandoned = true
    this.#channel.duplex.destroy()
  }

  #connect(carrier: Carrier): TLSSocket {
    const { settings, secureContext } = this.#terms
    const { alpn, onKeys } = settings
    const sni = settings.sni ?? this.#name
    const socket = connect({
      socket: carrier,
      secureContext,
      // The verdict is ours: whoever is not trusted is shown, and told why.
      rejectUnauthorized: false,
      checkServerIdentity: (_, certificate) => checkServerIdentity(this.#name, certificate),
      // An address is no name to ask for (RFC 6066 §3).
      ...(isIP(sni) === 0 ? { servername: sni } : {}),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    })
    if (onKeys !== undefined) socket.on('keylog', onKeys)
    return socket
  }

  /** Whom the certificate must be for. */
  get #name(): string {
    return this.#terms.settings.name ?? this.#terms.host
  }

  #judge(socket: TLSSocket): void {
    const { peer, settings } = this.#terms
    const chain = chainOf(socket)
    const failure = socket.authorized
      ? undefined
      : verificationFailure({
          code: String(socket.authorizationError),
          chain,
          name: this.#name,
          peer,
          now: new Date(),
        })
    settings.onPeer?.({ chain, failure })
    if (failure !== undefined && settings.insecure !== true) throw failure
  }
}
