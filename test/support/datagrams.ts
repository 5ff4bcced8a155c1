import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { within } from './deadline.ts'

export interface Received {
  readonly data: Buffer
  readonly host: string
  readonly port: number
}

/** A bound UDP socket that keeps what arrives until a test asks for it. */
export class UdpPeer {
  readonly #socket: Socket
  readonly #arrived: Received[] = []
  #awaited: ((received: Received) => void) | undefined

  static async open(host = '127.0.0.1', port = 0): Promise<UdpPeer> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    socket.bind(port, host)
    await once(socket, 'listening')
    return new UdpPeer(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (data, { address, port }: RemoteInfo) => {
      const received = { data, host: address, port }
      const awaited = this.#awaited
      this.#awaited = undefined
      if (awaited === undefined) this.#arrived.push(received)
      else awaited(received)
    })
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** How much has arrived that nobody has asked for. */
  get unread(): number {
    return this.#arrived.length
  }

  send(data: string | Buffer, port: number, host = '127.0.0.1'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, port, host, error => (error === null ? resolve() : reject(error)))
    })
  }

  /** The next datagram, in the order of arrival; fails when there is none in time. */
  next(deadlineMs = 5000): Promise<Received> {
    const received = this.#arrived.shift()
    if (received !== undefined) return Promise.resolve(received)
    const coming = new Promise<Received>(resolve => {
      this.#awaited = resolve
    })
    return within(deadlineMs, `a datagram for port ${this.port}`, coming)
  }

  /** Sends, and waits for what comes next. */
  async ask(data: string | Buffer, port: number, host = '127.0.0.1'): Promise<Received> {
    await this.send(data, port, host)
    return this.next()
  }

  close(): void {
    this.#socket.close()
  }
}
