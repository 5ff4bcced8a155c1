import type { RemoteInfo } from 'node:dgram'
import { formatAddress, type InetAddress } from '../../address.ts'
import type { Channel } from '../../channel/types.ts'
import { formatEndpoint } from '../../endpoint/format.ts'
import type { InetEndpoint } from '../../endpoint/types.ts'
import { systemError } from '../../errors.ts'
import { AcceptQueue } from '../accept-queue.ts'
import type { AcceptTrouble, Listener, ListenOptions, Refusal, RefusalReason } from '../types.ts'
import { UdpChannel } from './channel.ts'
import { doorsOf } from './doors.ts'
import { addressOf, joinGroups, type OpenDoor, openDoors } from './open-doors.ts'
import { AMPLE_RECEIVE_BYTES, remoteAddress, setBuffers } from './socket.ts'

/** Conversations at a time. Who sends from forged addresses opens one with each datagram. */
const MAX_CONVERSATIONS = 10_000

/**
 * Listens for datagrams: the first of a peer opens a conversation, which holds what follows.
 *
 * @throws ERR_IN_USE, ERR_DENIED, ERR_NOT_FOUND
 */
export async function listen(endpoint: InetEndpoint, options: ListenOptions): Promise<Listener> {
  const doors = await doorsOf(endpoint, { ...options, answers: true })
  const open = await openDoors(doors, endpoint.port).catch(error => {
    throw systemError(`cannot listen on ${formatEndpoint(endpoint)}`, error)
  })
  const listener = new UdpListener(open, options)
  try {
    joinGroups(open, text => listener.onTrouble?.({ kind: 'notice', text }))
  } catch (error) {
    await listener.close()
    throw error
  }
  return listener
}

class UdpListener implements Listener {
  onTrouble: ((trouble: AcceptTrouble) => void) | undefined
  onRefused: ((refusal: Refusal) => void) | undefined
  readonly addresses: readonly InetAddress[]
  readonly #doors: readonly OpenDoor[]
  readonly #options: ListenOptions
  readonly #queue = new AcceptQueue()
  /** By door and address of the peer. */
  readonly #channels = new Map<string, UdpChannel>()
  /** Who was turned away, and told of, of late: every datagram of theirs comes here. */
  readonly #refused = new Set<string>()
  #isClosed = false
  #isFull = false
  #areDoorsShut = false

  constructor(doors: readonly OpenDoor[], options: ListenOptions) {
    this.#doors = doors
    this.#options = options
    this.addresses = doors.map(addressOf)
    for (const [index, door] of doors.entries()) {
      setBuffers(door.socket, { receiveBytes: AMPLE_RECEIVE_BYTES })
      door.socket.on('message', (data, info) => this.#receive(index, data, info))
      // The network's own errors, as of a route that has gone: they come back with the next send.
      door.socket.on('error', () => {})
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Channel> {
    return this.#queue
  }

  /** Nothing new is begun. What is open hears no more, and the sockets close after the last word. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#queue.end()
    for (const { duplex } of this.#channels.values()) duplex.endOfPeer()
    this.#closeWhenEmpty()
  }

  #receive(index: number, data: Buffer, info: RemoteInfo): void {
    const key = `${index} ${info.address} ${info.port}`
    const channel = this.#channels.get(key) ?? this.#begin(index, key, remoteAddress(info))
    channel?.duplex.deliver(data)
  }

  #begin(index: number, key: string, remote: InetAddress): UdpChannel | undefined {
    const door = this.#doors[index]
    if (this.#isClosed || door === undefined || this.#isCrowded()) return undefined
    const { socket } = door
    const channel = new UdpChannel(
      {
        send: (data, done) => socket.send(data, remote.port, remote.host, done),
        leave: () => {
          this.#channels.delete(key)
          this.#closeWhenEmpty()
        },
        endsWithUs: true,
      },
      this.addresses[index] ?? remote,
      remote,
      () => this.#remember(remote),
    )
    const reason = this.#reasonAgainst(remote, channel)
    if (reason !== undefined) {
      channel.reset()
      this.#tellRefused({ remote, reason })
      return undefined
    }
    this.#refused.delete(formatAddress(remote))
    this.#channels.set(key, channel)
    this.#queue.add(channel)
    return channel
  }

  #reasonAgainst(remote: InetAddress, { duplex }: UdpChannel): RefusalReason | undefined {
    const { admit, isFull } = this.#options
    return admit?.(remote, duplex) ?? (isFull?.() ? 'max-conns' : undefined)
  }

  #isCrowded(): boolean {
    const isFull = this.#channels.size >= MAX_CONVERSATIONS
    if (isFull && !this.#isFull) {
      const error = new Error(`${MAX_CONVERSATIONS} conversations are open`)
      this.onTrouble?.({ kind: 'turning-away', error })
    }
    this.#isFull = isFull
    return isFull
  }

  #tellRefused(refusal: Refusal & { readonly remote: InetAddress }): void {
    if (this.#refused.has(formatAddress(refusal.remote))) return
    this.#remember(refusal.remote)
    this.onRefused?.(refusal)
  }

  #remember(remote: InetAddress): void {
    if (this.#refused.size >= MAX_CONVERSATIONS) this.#refused.clear()
    this.#refused.add(formatAddress(remote))
  }

  #closeWhenEmpty(): void {
    if (!this.#isClosed || this.#channels.size > 0 || this.#areDoorsShut) return
    this.#areDoorsShut = true
    for (const { socket } of this.#doors) socket.close()
  }
}
