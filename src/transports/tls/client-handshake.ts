import { isIP } from 'node:net'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import type { Channel } from '../../channel/types.ts'
import { systemError } from '../../errors.ts'
import { Carrier } from './carrier.ts'
import { chainOf } from './certificate.ts'
import { handshakeFailure } from './handshake-failure.ts'
import { contextOptions, withUsableSettings } from './settings.ts'
import { startTls } from './starttls/index.ts'
import { TlsChannel } from './tls-channel.ts'
import type { TlsDialOptions } from './types.ts'
import { verificationFailure } from './verification.ts'

/** What one side of a handshake goes by. */
export interface Terms {
  /** For messages. */
  readonly peer: string
  readonly host: string
  readonly settings: TlsDialOptions
  readonly secureContext: SecureContext
}

/**
 * What the handshakes of a client begin with.
 *
 * @throws ERR_USAGE when certificates or keys cannot be used
 */
export function clientContext(settings: TlsDialOptions): SecureContext {
  return withUsableSettings(() => createSecureContext(contextOptions(settings, settings.ca)))
}

/** One handshake as a client, from the first byte of a connection to a channel. */
export class ClientHandshake {
  readonly #channel: Channel
  readonly #terms: Terms
  #isAbandoned = false

  constructor(channel: Channel, terms: Terms) {
    this.#channel = channel
    this.#terms = terms
    // What fails while nobody looks must not end the process.
    channel.duplex.on('error', () => {})
  }

  /** @throws ERR_PROTOCOL, or what the dialogue before it throws. Time is no matter of its own. */
  async run(): Promise<Channel> {
    const { settings, peer, host } = this.#terms
    const { starttls, plainUrl, side = 'client' } = settings
    if (starttls !== undefined) await startTls(this.#channel.duplex, starttls, { peer, host })
    const carrier = new Carrier(this.#channel)
    const socket = this.#connect(carrier)
    try {
      await carrier.secured(socket, 'client')
    } catch (error) {
      const { head } = carrier
      const failure = handshakeFailure(error, { peer, head, side, plainUrl })
      throw failure ?? systemError(`no TLS with ${peer}`, error)
    }
    this.#judge(socket)
    const secured = new TlsChannel(this.#channel, socket, side)
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
          side: settings.side ?? 'client',
          now: new Date(),
        })
    settings.onPeer?.({ chain, failure })
    if (failure !== undefined && settings.insecure !== true) throw failure
  }
}
