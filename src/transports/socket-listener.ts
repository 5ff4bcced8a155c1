import {
  createServer,
  type ListenOptions as NetListenOptions,
  type Server,
  type Socket,
} from 'node:net'
import type { Address } from '../address.ts'
import type { Channel } from '../channel/types.ts'
import { DescriptorLimit } from './descriptor-limit.ts'
import { doubtEnd } from './faithful-socket.ts'
import { adopt } from './frugal-socket.ts'
import { STREAM_SOCKET_OPTIONS } from './socket-channel.ts'
import type { AcceptTrouble, Listener } from './types.ts'

/** A listener over one or more net.Server: the connections of all come out of one iteration. */
export class SocketListener implements Listener {
  onTrouble: ((trouble: AcceptTrouble) => void) | undefined
  readonly addresses: readonly Address[]
  readonly #servers: readonly Server[]
  readonly #accepted: Channel[] = []
  #awaited: ((result: IteratorResult<Channel>) => void) | undefined
  #closed = false
  #troubled = false
  readonly #descriptors = new DescriptorLimit()

  constructor(
    servers: readonly Server[],
    addresses: readonly Address[],
    toChannel: (socket: Socket) => Channel,
  ) {
    this.#servers = servers
    this.addresses = addresses
    for (const server of servers) {
      server.on('connection', socket => this.#accept(socket, toChannel))
      // accept(2) failed: the listener stands.
      server.on('error', error => this.#turnAway(error))
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Channel> {
    return { next: () => this.#next() }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const server of this.#servers) server.close()
    this.#awaited?.({ done: true, value: undefined })
  }

  #next(): Promise<IteratorResult<Channel>> {
    const channel = this.#accepted.shift()
    if (channel !== undefined) return Promise.resolve({ done: false, value: channel })
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise(resolve => {
      this.#awaited = resolve
    })
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
    const awaited = this.#awaited
    this.#awaited = undefined
    if (awaited === undefined) this.#accepted.push(channel)
    else awaited({ done: false, value: channel })
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
