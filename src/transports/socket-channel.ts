import type { Socket } from 'node:net'
import { type Address, inetAddress } from '../address.ts'
import type { Channel } from '../channel/types.ts'

const NO_FACTS: Readonly<Record<string, string>> = Object.freeze({})

/** What every stream socket that sockctl makes is given, listening or dialling. */
export const STREAM_SOCKET_OPTIONS = {
  // Without it Node ends our side as soon as the peer ends its own, and late answers are lost.
  allowHalfOpen: true,
  // Nagle's algorithm makes a write-write-read exchange wait for a delayed ACK of 40 ms or more.
  noDelay: true,
  // A peer that vanished without a FIN is found by the probes of tcp(7), and its descriptor freed.
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const

/** A TCP connection as a channel. The raw socket is the duplex: nothing stands in the hot path. */
export class TcpChannel implements Channel {
  readonly framing = 'stream'
  readonly facts = NO_FACTS
  readonly duplex: Socket
  #remote: Address | undefined

  constructor(socket: Socket) {
    this.duplex = socket
  }

  get local(): Address {
    return inetAddress(this.duplex.localAddress ?? '?', this.duplex.localPort ?? 0)
  }

  /** Kept once known: a closed socket no longer tells. `?` is a peer that left before we looked. */
  get remote(): Address {
    this.#remote ??= inetAddress(this.duplex.remoteAddress ?? '?', this.duplex.remotePort ?? 0)
    return this.#remote
  }

  reset(): void {
    const { duplex } = this
    // While a FIN is on its way libuv refuses a reset (EINVAL), and Node then leaves the descriptor open
    // in a loop that never sleeps.
    const isEnding = duplex.writableEnded && !duplex.writableFinished && duplex.writableLength === 0
    if (isEnding && !duplex.destroyed) {
      duplex.once('finish', () => setImmediate(() => duplex.resetAndDestroy()))
    } else {
      duplex.resetAndDestroy()
    }
  }

  probe(): void {
    probeSocket(this.duplex)
  }
}

/** A unix(7) stream socket as a channel. It has no RST: breaking off is closing at once. */
export class UnixChannel implements Channel {
  readonly framing = 'stream'
  readonly facts = NO_FACTS
  readonly duplex: Socket
  readonly local: Address
  readonly remote: Address

  constructor(socket: Socket, paths: { readonly local: string; readonly remote: string }) {
    this.duplex = socket
    this.local = { family: 'unix', path: paths.local }
    this.remote = { family: 'unix', path: paths.remote }
  }

  reset(): void {
    this.duplex.destroy()
  }

  probe(): void {
    probeSocket(this.duplex)
  }
}

const NOTHING = Buffer.alloc(0)

/**
 * libuv does not poll a socket that is not read, and a reset waits unheard. But the kernel reports it
 * to the next call, and that may be a send of nothing (EPIPE or ECONNRESET; tcp(7), unix(7)).
 */
function probeSocket(socket: Socket): void {
  // Who does not let it flow may have stopped to read, or never begun.
  const isUnheard = socket.readableEnded || socket.readableFlowing !== true
  // A write that is under way will tell.
  const canAsk = socket.writable && socket.writableLength === 0
  if (isUnheard && canAsk) withoutActivity(socket, () => socket.write(NOTHING))
}

/**
 * For Node every write is activity, with which an idle timeout begins anew. There is no public way
 * around that: while a timeout runs, its refresh is taken out of the way, and where there is none
 * that is known nothing is done.
 */
function withoutActivity(socket: Socket & Refreshing, act: () => void): void {
  if (!socket.timeout) {
    act()
  } else if (typeof socket._unrefTimer === 'function') {
    socket._unrefTimer = () => {}
    act()
    // What the prototype has comes to light again.
    delete socket._unrefTimer
  }
}

/** Of node's lib/net.js. */
interface Refreshing {
  _unrefTimer?(): void
}
