import type { TLSSocket } from 'node:tls'
import type { Address } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { SockctlError } from '../../errors.ts'
import { chainOf, formatName } from './certificate.ts'
import { tlsReason } from './handshake-failure.ts'
import type { TlsSide } from './types.ts'

/** A connection under TLS as a channel, around the one that carries it. */
export class TlsChannel implements Channel {
  readonly framing = 'stream'
  readonly duplex: TLSSocket
  readonly facts: Readonly<Record<string, string>>
  readonly #carrier: Channel

  /** @param socket whose handshake is over */
  constructor(carrier: Channel, socket: TLSSocket, side: TlsSide) {
    this.#carrier = carrier
    this.duplex = socket
    // How one gets to a proxy says nothing about whom one talks to.
    const own = side === 'proxy-client' ? {} : factsOf(socket)
    this.facts = { ...carrier.facts, ...own }
    speakPlainly(socket, side)
  }

  get local(): Address {
    return this.#carrier.local
  }

  get remote(): Address {
    return this.#carrier.remote
  }

  reset(): void {
    this.#carrier.reset()
    this.duplex.destroy()
  }

  /** The carrier is read for as long as we read, and then it hears by itself. */
  probe(): void {
    const { readableEnded, readableFlowing } = this.duplex
    if (readableEnded || readableFlowing !== true) this.#carrier.probe?.()
  }
}

function factsOf(socket: TLSSocket): Record<string, string> {
  const [certificate] = chainOf(socket)
  const { servername, alpnProtocol } = socket as TLSSocket & { servername?: string | false | null }
  return {
    tls: (socket.getProtocol() ?? '?').replace(/^TLSv(\d)$/, '$1.0').replace('TLSv', ''),
    cipher: socket.getCipher().standardName,
    ...(servername ? { sni: servername } : {}),
    ...(alpnProtocol ? { alpn: alpnProtocol } : {}),
    ...(certificate === undefined
      ? {}
      : { subject: formatName(certificate.subject), sha256: certificate.fingerprint256 }),
  }
}

/** Has a socket fail in words, where OpenSSL speaks of its own files and functions. */
function speakPlainly(socket: TLSSocket, side: TlsSide): void {
  const { destroy } = socket
  socket.destroy = error => {
    const found = error && tlsReason(error, side)
    if (!found) return destroy.call(socket, error)
    const hints = found.hint === undefined ? [] : [found.hint]
    return destroy.call(
      socket,
      new SockctlError('ERR_PROTOCOL', `TLS failed: ${found.reason}`, { cause: error, hints }),
    )
  }
}
