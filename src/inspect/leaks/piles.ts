import { peersOf } from './find.ts'
import type { Descriptors, Pile, SuspectSocket } from './types.ts'

/** When sockets are called leaked. */
export interface LeakRule {
  /** More than so many of one process. Undefined: what usually is too many, or what grows. */
  readonly most: number | undefined
}

/** So many that stay are no accident, whether or not they grow. */
const MANY = 20

/** One more or less is what is just being closed. */
const LEAST_GROWTH = 2

/**
 * Compares the suspects of each look with those of the look before, by process. Sockets that are just
 * being closed pass through CLOSE_WAIT too, so that it counts which of them stay.
 */
export class Piles {
  readonly #rule: LeakRule
  #before: ReadonlyMap<string, ReadonlySet<number | string>> | undefined
  /** How many there were of each at the first look, for the rate over the whole time. */
  #first: ReadonlyMap<string, number> = new Map()
  #watchedMs = 0

  constructor(rule: LeakRule) {
    this.#rule = rule
  }

  /**
   * Adds a look.
   *
   * @param elapsedMs since the look before; 0 at the first
   * @param descriptorsOf reads those of a process
   */
  add(
    sockets: readonly SuspectSocket[],
    elapsedMs: number,
    descriptorsOf: (pid: number) => Omit<Descriptors, 'secondsLeft'> | undefined,
  ): Pile[] {
    this.#watchedMs += elapsedMs
    const groups = groupsOf(sockets)
    const before = this.#before
    const piles = [...groups].map(([group, members]) => {
      const earlier = before && (before.get(group) ?? new Set())
      return this.#pile(group, members, earlier, descriptorsOf)
    })
    this.#before = new Map(
      [...groups].map(([group, members]) => [group, new Set(members.map(({ key }) => key))]),
    )
    if (before === undefined) {
      this.#first = new Map([...groups].map(([group, members]) => [group, members.length]))
    }
    return piles.sort((a, b) => Number(b.isLeak) - Number(a.isLeak) || b.now - a.now)
  }

  #pile(
    group: string,
    members: readonly SuspectSocket[],
    earlier: ReadonlySet<number | string> | undefined,
    descriptorsOf: (pid: number) => Omit<Descriptors, 'secondsLeft'> | undefined,
  ): Pile {
    const [first] = members as readonly [SuspectSocket, ...SuspectSocket[]]
    const { kind, suspect } = first
    const now = members.length
    const before = earlier?.size
    const stayed = earlier && members.filter(({ key }) => earlier.has(key)).length
    const perSecond =
      this.#watchedMs === 0
        ? undefined
        : ((now - (this.#first.get(group) ?? 0)) * 1000) / this.#watchedMs
    const isGrowing = grows({ now, before, stayed })
    const isLeak = kind !== 'unaccepted' && this.#isLeak({ now, stayed, isGrowing })
    const known = suspect.pid === undefined || !isLeak ? undefined : descriptorsOf(suspect.pid)
    return {
      kind,
      suspect,
      now,
      before,
      stayed,
      perSecond,
      peers: peersOf(members),
      isGrowing,
      isLeak,
      descriptors: known && { ...known, secondsLeft: secondsLeft(known, perSecond, isGrowing) },
    }
  }

  #isLeak({ now, stayed, isGrowing }: Pick<Pile, 'now' | 'stayed' | 'isGrowing'>): boolean {
    const { most } = this.#rule
    return most === undefined ? isGrowing || (stayed ?? now) >= MANY : now > most
  }
}

/** More have come than gone, and of those that were there more than half remain. */
function grows({ now, before, stayed }: Pick<Pile, 'now' | 'before' | 'stayed'>): boolean {
  if (before === undefined || stayed === undefined) return false
  return now - before >= LEAST_GROWTH && stayed * 2 >= before
}

function secondsLeft(
  { open, limit }: Omit<Descriptors, 'secondsLeft'>,
  perSecond: number | undefined,
  isGrowing: boolean,
): number | undefined {
  if (open === undefined || limit === undefined || perSecond === undefined) return undefined
  return isGrowing && perSecond > 0 ? Math.max(0, limit - open) / perSecond : undefined
}

function groupOf({ kind, suspect: { pid, uid } }: SuspectSocket): string {
  return pid === undefined ? `${kind} uid ${uid}` : `${kind} pid ${pid}`
}

function groupsOf(
  sockets: readonly SuspectSocket[],
): ReadonlyMap<string, readonly SuspectSocket[]> {
  const groups = new Map<string, SuspectSocket[]>()
  for (const socket of sockets) {
    const group = groupOf(socket)
    const known = groups.get(group)
    if (known === undefined) groups.set(group, [socket])
    else known.push(socket)
  }
  return groups
}
