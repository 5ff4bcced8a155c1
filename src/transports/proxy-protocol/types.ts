import type { Address } from '../../address.ts'

/** The versions of the PROXY protocol (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). */
export type HeaderVersion = 1 | 2

/** What a header says of a connection. */
export interface ProxyHeader {
  /** Undefined: the proxy speaks for itself (LOCAL), or does not know (UNKNOWN, AF_UNSPEC). */
  readonly ends: HeaderEnds | undefined
  /** What else it says, for people: the name of the server that was asked for, the TLS version. */
  readonly facts: Readonly<Record<string, string>>
}

/** Both ends of the connection that the proxy has taken. */
export interface HeaderEnds {
  /** Who is really there. */
  readonly source: Address
  /** What it has connected to. */
  readonly destination: Address
}

/** The header that a connection begins with. */
export interface Announced {
  readonly version: HeaderVersion
  /** Undefined: those of the connection itself. `unknown`: we speak for nobody. */
  readonly ends?: HeaderEnds | 'unknown' | undefined
}
