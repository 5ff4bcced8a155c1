import type { X509Certificate } from 'node:crypto'
import type { SockctlError } from '../../errors.ts'
import type { Starttls } from './starttls/types.ts'

/** The versions of TLS that can be asked for. */
export const TLS_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const

export type TlsVersion = (typeof TLS_VERSIONS)[number]

/**
 * Who we are in a handshake. `proxy-client`: the client of a proxy, through which we talk to somebody
 * else. `target-client`: of whom a forwarder passes on to. Both have options of their own.
 */
export type TlsSide = 'client' | 'server' | 'proxy-client' | 'target-client'

/** What both sides of a handshake may decide. */
export interface TlsOptions {
  /** Our certificate and those that lead from it to its CA, in PEM. */
  readonly cert?: string | undefined
  /** The private key that belongs to it, in PEM. */
  readonly key?: string | undefined
  /** Protocols to agree on, the preferred one first (ALPN, RFC 7301): `h2`, `http/1.1`. */
  readonly alpn?: readonly string[] | undefined
  readonly minVersion?: TlsVersion | undefined
  readonly maxVersion?: TlsVersion | undefined
  /** In the notation of OpenSSL (openssl-ciphers(1)). */
  readonly ciphers?: string | undefined
  /** Told the secrets of each connection, a line of NSS's key log format each. */
  readonly onKeys?: ((line: Buffer) => void) | undefined
}

export interface TlsListenOptions extends TlsOptions {
  readonly cert: string
  readonly key: string
  /** Only clients with a certificate of one of these CAs may in. PEM. */
  readonly clientCa?: string | undefined
}

export interface TlsDialOptions extends TlsOptions {
  /** By what options a user says what it is to look like, for messages. Default: `client`. */
  readonly side?: Exclude<TlsSide, 'server'> | undefined
  /** The CAs that are trusted, in place of those that Node brings. PEM. */
  readonly ca?: string | undefined
  /** Goes on with a peer that cannot be verified. */
  readonly insecure?: boolean | undefined
  /** The name that the certificate must have. Default: the host. */
  readonly name?: string | undefined
  /** The name to ask the server for (SNI, RFC 6066 §3). Default: `name`, unless it is an address. */
  readonly sni?: string | undefined
  /** What one would dial if the peer turns out to speak no TLS, for messages: `ws://host:80/chat`. */
  readonly plainUrl?: string | undefined
  /** A dialogue that comes before the handshake. */
  readonly starttls?: Starttls | undefined
  /** Told who the peer is, before its verification can fail. */
  readonly onPeer?: ((peer: TlsPeer) => void) | undefined
}

/** Who a peer says it is, and whether that is believed. */
export interface TlsPeer {
  /** Its own certificate first. Empty where it has shown none. */
  readonly chain: readonly X509Certificate[]
  /** Why it is not trusted. Undefined: it is. */
  readonly failure: SockctlError | undefined
}
