import type { OwnershipOf } from '../explain/ownership.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import type { SocketWatch } from './socket-watch.ts'
import type { Look, WatchedSocket } from './types.ts'

/** Something that happened to a socket between two looks. */
export interface WatchEvent {
  readonly kind: 'open' | 'state' | 'owner' | 'close'
  readonly socket: WatchedSocket
}

/** One look at the selected sockets. */
export interface Beat {
  readonly number: number
  readonly snapshot: Snapshot
  /** Says who holds a socket of this look; also who held one that nobody holds any more. */
  readonly ownershipOf: OwnershipOf | undefined
  /** The selected ones that are there, in the order of the source. */
  readonly sockets: readonly WatchedSocket[]
  /** What happened since the look before; nothing at the first. */
  readonly events: readonly WatchEvent[]
}

/** Who holds what at one look, and which sockets of it are wanted. */
export interface Chosen {
  readonly records: readonly SocketRecord[]
  readonly ownershipOf: OwnershipOf | undefined
}

/** Chooses among the sockets of a look; `remember` adds to who holds them who held them. */
export type Choose = (
  snapshot: Snapshot,
  remember: (ownershipOf: OwnershipOf) => OwnershipOf,
) => Promise<Chosen>

/**
 * Looks at some of the sockets again and again. One that does not match any more, or not yet, is as
 * good as gone: what the kernel does not hand over cannot be told from what is not there.
 */
export class SelectedWatch {
  readonly #watch: SocketWatch
  readonly #choose: Choose

  constructor(watch: SocketWatch, choose: Choose) {
    this.#watch = watch
    this.#choose = choose
  }

  /**
   * Looks once more.
   *
   * @throws as `takeSnapshot` and as what chooses
   */
  async look(): Promise<Beat> {
    const watch = this.#watch
    const look = await watch.look()
    const { number, snapshot } = look
    const { records, ownershipOf } = await this.#choose(snapshot, base => remembering(base, watch))
    const { sockets, opened, closed } = mark(look, records)
    if (number === 1) return { number, snapshot, ownershipOf, sockets, events: [] }
    const isNew = new Set(opened)
    const stays = (one: WatchedSocket): boolean => one.selectedAt === number && !isNew.has(one)
    const events: WatchEvent[] = [
      ...look.gone.filter(one => one.selectedAt === number - 1).map(eventOf('close')),
      ...opened.map(eventOf('open')),
      ...look.changed.filter(stays).map(eventOf('state')),
      ...look.named.filter(stays).map(eventOf('owner')),
      ...closed.map(eventOf('close')),
    ]
    return { number, snapshot, ownershipOf, sockets, events }
  }
}

/**
 * Marks the sockets of a look that are selected, and tells which of them were not at the look before,
 * and the other way round.
 *
 * @param selected some of the records of the look, in their order
 */
function mark(
  { number, sockets: all }: Look,
  selected: readonly SocketRecord[],
): Record<'sockets' | 'opened' | 'closed', WatchedSocket[]> {
  const sockets: WatchedSocket[] = []
  const opened: WatchedSocket[] = []
  const closed: WatchedSocket[] = []
  for (const socket of all) {
    const wasSelected = socket.selectedAt === number - 1
    if (socket.record === selected[sockets.length]) {
      if (!wasSelected) opened.push(socket)
      socket.selectedAt = number
      sockets.push(socket)
    } else if (wasSelected && number > 1) closed.push(socket)
  }
  return { sockets, opened, closed }
}

function eventOf(kind: WatchEvent['kind']): (socket: WatchedSocket) => WatchEvent {
  return socket => ({ kind, socket })
}

function remembering(base: OwnershipOf, watch: SocketWatch): OwnershipOf {
  return record => {
    const ownership = base(record)
    const { kind } = ownership
    if (kind === 'held' || kind === 'unaccepted') return ownership
    const owners = watch.find(record)?.owners
    if (owners === undefined || owners.length === 0) {
      return watch.isPending(record) ? { kind: 'unseen', isPending: true } : ownership
    }
    return kind === 'kernel' || kind === 'orphan'
      ? { kind, leftBy: owners }
      : { kind: 'held', owners }
  }
}
