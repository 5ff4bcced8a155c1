import type { Duplex } from 'node:stream'
import type { Credentials } from '../access/credentials.ts'
import type { Address, InetAddress } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import type { Endpoint, InetEndpoint } from '../endpoint/types.ts'
import type { ProxyServer } from '../proxy/types.ts'
import type { Announced } from './proxy-protocol/types.ts'
import type { SocketIoOptions } from './socketio/types.ts'
import type { TlsDialOptions, TlsListenOptions } from './tls/types.ts'
import type { WebSocketDialOptions, WebSocketListenOptions } from './websocket/types.ts'

/*
 * Transports make channels. A transport is one file in this folder that knows how to listen and how
 * to dial for its schemes; `index.ts` is the table by scheme. One that cannot listen, or cannot
 * dial, leaves the function out, and asking for it is ERR_UNSUPPORTED.
 */

/** @typeParam E the endpoints of the transport's schemes */
export interface Transport<E extends Endpoint = Endpoint> {
  /**
   * Its handshake has a place for a credential: its `dial` shows `DialOptions.credential` there, and
   * its `listen` asks `ListenOptions.credentials`. Absent: the credential is the first line of the
   * conversation, for which neither has to do anything.
   */
  readonly hasCredentials?: true
  /** @throws ERR_REFUSED, ERR_TIMEOUT, ERR_NOT_FOUND, ERR_DENIED */
  dial?(endpoint: E, options: DialOptions): Promise<Channel>
  /** @throws ERR_IN_USE, ERR_DENIED, ERR_NOT_FOUND */
  listen?(endpoint: E, options: ListenOptions): Promise<Listener>
}

/** What carries a transport of messages: TCP, or TLS over it. */
export type ByteTransport = Required<Pick<Transport<InetEndpoint>, 'dial' | 'listen'>>

export interface DialOptions {
  /** How long connecting may take in all. Undefined: as long as the system tries. */
  readonly timeoutMs?: number | undefined
  /** Only addresses of this family. */
  readonly family?: 4 | 6 | undefined
  /** Hosts are literals: names are not looked up (`-n`). */
  readonly numeric?: boolean | undefined
  /** How a host becomes addresses. Undefined: asked of the system, each time. */
  readonly resolve?: Resolve | undefined
  /** The address and port to connect from. */
  readonly localHost?: string | undefined
  readonly localPort?: number | undefined
  /** Connects through this. Only what goes over TCP can. */
  readonly proxy?: ProxyServer | undefined
  /** How that is to look where it is under TLS (https://). */
  readonly proxyTls?: TlsDialOptions | undefined
  /** Tells the peer, before all else, who is really there (the PROXY protocol). */
  readonly announce?: Announced | undefined
  /** Which addresses one may connect to, whatever name they were found by. Default: all. */
  readonly mayReach?: ((address: InetAddress) => boolean) | undefined
  /** Gives up as soon as it is aborted. */
  readonly signal?: AbortSignal | undefined
  /** The token or JWT to be let in with. */
  readonly credential?: string | undefined
  /** What a connection under TLS is to look like. */
  readonly tls?: TlsDialOptions | undefined
  /** Told about each address that is tried, for `-v` and for messages. */
  readonly onAttempt?: ((attempt: DialAttempt) => void) | undefined
  /** For ws:// and wss://, and what goes over HTTP in the same way. */
  readonly websocket?: WebSocketDialOptions | undefined
  /** For socketio:// and socketios://. */
  readonly socketio?: SocketIoOptions | undefined
}

/** @throws ERR_NOT_FOUND */
export type Resolve = (
  host: string,
  port: number,
  options: Pick<DialOptions, 'family' | 'numeric'>,
) => Promise<readonly InetAddress[]> | readonly InetAddress[]

/** One literal address that was tried, and what came of it. */
export interface DialAttempt {
  readonly address: Address
  /** Undefined: connected. A `TimeoutError` or `AbortError`: given up before it answered. */
  readonly error: Error | undefined
  readonly durationMs: number
}

export interface ListenOptions {
  /** An endpoint without a host listens on every interface, not on the loopbacks alone. */
  readonly public?: boolean | undefined
  readonly family?: 4 | 6 | undefined
  /** How many connections may wait to be accepted (listen(2)). */
  readonly backlog?: number | undefined
  /** Takes nobody who does not begin with a header of the PROXY protocol, and believes it. */
  readonly acceptProxy?: boolean | undefined
  /** May this peer in? Default: everybody may. */
  readonly admit?: Admit | undefined
  /** Whether there is no room for one more: a transport whose handshake has words for that says so. */
  readonly isFull?: (() => boolean) | undefined
  /** Our certificate, and whom we let in by theirs. Has to be there for what is under TLS. */
  readonly tls?: TlsListenOptions | undefined
  /** How long a peer may take for what its transport asks of it first. Default: 10 s. */
  readonly handshakeMs?: number | undefined
  /** For ws:// and wss://, and what comes over HTTP in the same way. */
  readonly websocket?: WebSocketListenOptions | undefined
  /** For socketio:// and socketios://. */
  readonly socketio?: SocketIoOptions | undefined
  /** Who may in must show one of these. Default: nobody has to show anything. */
  readonly credentials?: Credentials | undefined
  /** How long a peer may take to show it, where it is a first line. Default: 5 s. */
  readonly authMs?: number | undefined
}

/**
 * Asked about each connection before a byte of it is read.
 *
 * @param connection whose `close` can be listened for, by whoever counts
 * @param isProxy it is but a proxy, and the one that it speaks for will be asked about too
 * @returns why it may not in; undefined when it may
 */
export type Admit = (
  remote: Address,
  connection: Duplex,
  isProxy?: boolean,
) => RefusalReason | undefined

/**
 * `denied`: by its address. `max-conns`: too many are open. `too-many`: from its address. `too-fast`:
 * too many came from there in a short time. `handshake`: it did not pass one. `credential`: it showed
 * none, or one that does not let it in.
 */
export type RefusalReason =
  | 'denied'
  | 'max-conns'
  | 'too-many'
  | 'too-fast'
  | 'handshake'
  | 'credential'

/** Somebody was turned away at the door. */
export interface Refusal {
  readonly remote: Address
  readonly reason: RefusalReason
  /** What was wrong, where the reason does not say it. */
  readonly error?: string
}

/** An open door. Iterating it accepts: each peer comes out as a channel. */
export interface Listener extends AsyncIterable<Channel> {
  /** The real ones, literal: `localhost` stands on two, and port 0 has become a number. */
  readonly addresses: readonly Address[]
  /** Told when accepting fails for a while (no descriptors left) and when it works again. */
  onTrouble: ((trouble: AcceptTrouble) => void) | undefined
  /** Told of each peer that does not come out as a channel. */
  onRefused: ((refusal: Refusal) => void) | undefined
  /** Stops accepting and frees the addresses; open channels go on. Ends the iteration. */
  close(): Promise<void>
}

/**
 * `turning-away`: accept(2) fails, most often for want of descriptors, and those who come are turned
 * away. `notice`: it listens, and something less is as it should be.
 */
export type AcceptTrouble =
  | { readonly kind: 'turning-away'; readonly error: Error }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'notice'; readonly text: string }
