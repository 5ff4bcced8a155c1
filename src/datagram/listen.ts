import type { RemoteInfo } from 'node:dgram'
import { AllowList } from '../access/allow-list.ts'
import { formatAddress, type InetAddress } from '../address.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { InetEndpoint } from '../endpoint/types.ts'
import { systemError, usageError } from '../errors.ts'
import { type DoorOptions, doorsOf } from '../transports/udp/doors.ts'
import type { Membership } from '../transports/udp/group.ts'
import {
  addressOf,
  joinGroups,
  type OpenDoor,
  openDoors,
  sizeBuffers,
} from '../transports/udp/open-doors.ts'
import { remoteAddress } from '../transports/udp/socket.ts'
import type { BufferSizes, Datagram } from '../transports/udp/types.ts'
import { refuseAnswer } from './answer.ts'
import type { ListenEvent, UnansweredEvent } from './events.ts'
import { countKernelDrops } from './kernel-drops.ts'

export interface DatagramListenOptions extends Omit<DoorOptions, 'answers'> {
  readonly endpoints: readonly InetEndpoint[]
  /** Makes the answer to a datagram. Undefined: nothing is answered. */
  readonly answer?: ((data: Buffer) => Buffer) | undefined
  /** Networks in CIDR notation. What does not come from them is dropped unread. */
  readonly allow?: readonly string[] | undefined
  readonly deny?: readonly string[] | undefined
  readonly buffers?: BufferSizes | undefined
  /** Stops after so many datagrams. */
  readonly maxDatagrams?: number | undefined
  /** Stops after this time. */
  readonly durationMs?: number | undefined
  /** Stops when nothing has come for so long. */
  readonly idleMs?: number | undefined
  readonly onEvent: (event: ListenEvent) => void
}

/** Why a listener has come to its end. */
export type ListenEnding = 'stopped' | 'count' | 'time' | 'idle'

export interface ListenTotals {
  readonly datagrams: number
  readonly bytes: number
  readonly replies: number
  readonly denied: number
  /** What the kernel dropped because it came faster than it was read; known at the end, on Linux. */
  readonly lost: number | undefined
}

/** How long a stop may be put off by datagrams that keep arriving. */
const DRAIN_MS = 100

/** Answers that may wait for the system to take them, before datagrams go unanswered. */
const MOST_PENDING = 1024

/**
 * Listens for datagrams and answers them, for any number of peers at once. A peer's errors, or the
 * network's, never end it.
 *
 * @throws ERR_IN_USE, ERR_DENIED, ERR_NOT_FOUND when an endpoint cannot be bound; ERR_USAGE when
 * anyone on the network would be answered: forged senders would make it an attacker (reflection)
 */
export async function listenForDatagrams(
  options: DatagramListenOptions,
): Promise<DatagramListener> {
  const doors: OpenDoor[] = []
  const onTrouble = (text: string): void => options.onEvent({ event: 'trouble', text })
  try {
    for (const endpoint of options.endpoints) doors.push(...(await open(endpoint, options)))
    sizeBuffers(doors, options.buffers ?? {}, onTrouble)
    return new DatagramListener(doors, joinGroups(doors, onTrouble), options)
  } catch (error) {
    for (const { socket } of doors) socket.close()
    throw error
  }
}

async function open(endpoint: InetEndpoint, options: DatagramListenOptions): Promise<OpenDoor[]> {
  const attempt = `cannot listen on ${formatEndpoint(endpoint)}`
  try {
    const answers = options.answer !== undefined
    const doors = await doorsOf(endpoint, { ...options, answers })
    const anyone = (options.allow ?? []).length === 0
    if (answers && anyone && doors.some(one => one.isExposed)) {
      throw usageError(
        `${attempt}: it would answer anyone on the network, in whoever's name they ask (reflection)`,
        'Say who is answered: --allow 192.168.1.0/24',
      )
    }
    return await openDoors(doors, endpoint.port)
  } catch (error) {
    throw systemError(attempt, error)
  }
}

/** Open sockets, what arrives at them, and the answers. Made by `listenForDatagrams`. */
export class DatagramListener {
  /** The real ones, literal: port 0 has become a number. */
  readonly addresses: readonly InetAddress[]
  readonly memberships: readonly Membership[]
  /** Settles when it has stopped and its last answer has left. */
  readonly over: Promise<ListenEnding>
  readonly #doors: readonly OpenDoor[]
  readonly #options: DatagramListenOptions
  readonly #access: AllowList
  readonly #idle: NodeJS.Timeout | undefined
  readonly #duration: NodeJS.Timeout | undefined
  readonly #totals = { datagrams: 0, bytes: 0, replies: 0, denied: 0 }
  #settle: (ending: ListenEnding) => void = () => {}
  #ending: ListenEnding | undefined
  #stopBy: number | undefined
  #pending = 0
  #lost: number | undefined
  #isClosed = false

  constructor(
    doors: readonly OpenDoor[],
    memberships: readonly Membership[],
    options: DatagramListenOptions,
  ) {
    const { allow = [], deny = [], idleMs, durationMs } = options
    this.#doors = doors
    this.#options = options
    this.#access = new AllowList({ allow, deny })
    this.addresses = doors.map(addressOf)
    this.memberships = memberships
    this.over = new Promise(resolve => {
      this.#settle = resolve
    })
    for (const door of doors) this.#attend(door)
    if (idleMs !== undefined) this.#idle = setTimeout(() => this.#end('idle'), idleMs)
    if (durationMs !== undefined) this.#duration = setTimeout(() => this.#end('time'), durationMs)
  }

  get totals(): ListenTotals {
    return { ...this.#totals, lost: this.#lost }
  }

  /** Reads what has arrived already, then hears no more; answers on their way still leave. */
  stop(): void {
    this.#stopBy ??= performance.now() + DRAIN_MS
    const before = this.#arrivals
    // Two turns of the event loop, so that a whole look at the sockets lies between.
    setImmediate(() => {
      setImmediate(() => {
        const isDry = this.#arrivals === before || performance.now() > (this.#stopBy ?? 0)
        if (isDry) this.#end('stopped')
        else this.stop()
      })
    })
  }

  /** Ends at once. */
  abandon(): void {
    this.#end('stopped')
    this.#close()
  }

  get #arrivals(): number {
    return this.#totals.datagrams + this.#totals.denied
  }

  #attend(door: OpenDoor): void {
    const { onEvent } = this.#options
    const { socket, isExposed } = door
    const local = addressOf(door)
    socket.on('message', (data, info) => {
      const datagram = this.#receive(data, local, info)
      if (datagram === undefined) return
      // `info` and not `remote`: a dual-stack socket wants its v4-mapped addresses back.
      this.#answer(datagram, isExposed, (reply, done) => {
        socket.send(reply, info.port, info.address, done)
      })
      if (datagram.id === this.#options.maxDatagrams) this.#end('count')
    })
    socket.on('error', error => {
      onEvent({ event: 'trouble', text: `${formatAddress(local)}: ${error.message}` })
    })
  }

  #receive(data: Buffer, local: InetAddress, info: RemoteInfo): Datagram | undefined {
    const { onEvent } = this.#options
    const remote = remoteAddress(info)
    if (!this.#access.check(remote.host)) {
      this.#totals.denied++
      onEvent({ event: 'denied', remote, local, bytes: data.length })
      return undefined
    }
    const id = ++this.#totals.datagrams
    this.#totals.bytes += data.length
    this.#idle?.refresh()
    const datagram: Datagram = { id, remote, local, data }
    onEvent({ event: 'datagram', ...datagram })
    return datagram
  }

  #answer(request: Datagram, isExposed: boolean, send: Send): void {
    const { answer, onEvent } = this.#options
    if (answer === undefined) return
    const { id, remote, local } = request
    const reply = answer(request.data)
    const unanswered = (why: Pick<UnansweredEvent, 'reason' | 'text'>): void =>
      onEvent({ event: 'unanswered', id, remote, ...why })
    const refusal = refuseAnswer(request, reply.length, isExposed) ?? this.#tooBusy()
    if (refusal !== undefined) {
      unanswered(refusal)
      return
    }
    this.#pending++
    send(reply, error => {
      this.#pending--
      if (error === null) {
        this.#totals.replies++
        onEvent({ event: 'answered', id, remote, local, bytes: reply.length })
      } else {
        const { message } = systemError('the system would not send it', error)
        unanswered({ reason: 'failed', text: message })
      }
      if (this.#ending !== undefined && this.#pending === 0) this.#close()
    })
  }

  #tooBusy(): Pick<UnansweredEvent, 'reason' | 'text'> | undefined {
    if (this.#pending < MOST_PENDING) return undefined
    return { reason: 'busy', text: `${this.#pending} answers wait to be sent already` }
  }

  #end(ending: ListenEnding): void {
    if (this.#ending !== undefined) return
    this.#ending = ending
    clearTimeout(this.#idle)
    clearTimeout(this.#duration)
    for (const { socket } of this.#doors) socket.removeAllListeners('message')
    if (this.#pending === 0) this.#close()
  }

  #close(): void {
    if (this.#isClosed || this.#ending === undefined) return
    this.#isClosed = true
    this.#lost = countKernelDrops()
    for (const { socket } of this.#doors) socket.close()
    this.#settle(this.#ending)
  }
}

/** Sends to one peer; Node types the error as never null, and it is null when all went well. */
type Send = (reply: Buffer, done: (error: Error | null) => void) => void
