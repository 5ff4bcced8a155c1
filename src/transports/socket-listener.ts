import {
  createServer,
  type ListenOptions as NetListenOptions,
  type Server,
  type Socket,
} from 'node:net'
import type { Address } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import { AcceptQueue } from './accept-queue.ts'
import { DescriptorLimit } from './descriptor-limit.ts'
import { doubtEnd } from './faithful-socket.ts'
import { adopt } from './frugal-socket.ts'
import { STREAM_SOCKET_OPTIONS } from './socket-channel.ts'
import type { AcceptTrouble, Admit, Listener, Refusal } from './types.ts'

/** A listener over one or more net.Server: the connections of all come out of one iteration. */
export class SocketListener implements Listener {
  onTrouble: ((trouble: AcceptTrouble) => void) | undefined
  onRefused: ((refusal: Refusal) => void) | undefined
  readonly addresses: readonly Address[]
  readonly #servers: readonly Server[]
  readonly #admit: Admit | undefined
  readonly #queue = new AcceptQueue()
  #closed = false
  #troubled = false
  readonly #descriptors = new DescriptorLimit()

  constructor(
    servers: readonly Server[],
    addresses: readonly Address[],
    toChannel: (socket: Socket) => Channel,
    admit?: Admit,
  ) {
    this.#servers = servers
    this.#admit = admit
    this.addresses = addresses
    for (const server of servers) {
      server.on('connection', socket => this.#accept(socket, toChannel))
      // accept(2) failed: the listener stands.
      server.on('error', error => this.#turnAway(error))
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Channel> {
    return this.#queue
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const server of this.#servers) server.close()
    this.#queue.end()
  }

  #accept(accepted: Socket, toChannel: (socket: Socket) => Channel): void {
    if (this.#descriptors.isNear(accepted)) {
      accepted.destroy()
      this.#turnAway(new Error('this process is almost out of file descriptors (EMFILE)'))
      return
    }
    if (this.#troubled && this.#descriptors.isFar(accepted)) {
      this.#troubled = false
      this.onTrouble?.({ kind: 'recovered' })
    }
    const socket = adopt(accepted)
    doubtEnd(socket)
    const channel = toChannel(socket)
    const { remote } = channel
    const reason = this.#admit?.(remote, socket)
    if (reason === undefined) {
      this.#queue.add(channel)
    } else {
      socket.on('error', () => {})
      socket.destroy()
      this.onRefused?.({ remote, reason })
    }
  }

  /** Said once, however many are turned away, until it is over. */
  #turnAway(error: Error): void {
    if (this.#troubled) return
    this.#troubled = true
    this.onTrouble?.({ kind: 'turning-away', error })
  }
}

/** Starts a net.Server; settles when it listens or cannot. The error is Node's own. */
export function listenOn(options: NetListenOptions | { readonly fd: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(STREAM_SOCKET_OPTIONS)
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}
