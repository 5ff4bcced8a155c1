import { formatDuration } from '../../units.ts'
import type { Ownership } from '../explain/ownership.ts'
import type { SocketRecord } from '../types.ts'
import type { Situation } from './types.ts'
import { pidsOf } from './words.ts'

/** Puts values with the same key together, in the order in which the keys come. */
export function groupBy<T>(values: Iterable<T>, keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [value])
    else known.push(value)
  }
  return groups
}

/** Sockets that the same processes hold. */
export interface HeldGroup {
  readonly ownership: Ownership
  readonly pids: readonly number[]
  readonly records: readonly SocketRecord[]
}

/** Puts sockets together that the same processes hold; those whose holders are hidden by user. */
export function groupByHolder(
  records: Iterable<SocketRecord>,
  { ownershipOf }: Pick<Situation, 'ownershipOf'>,
): HeldGroup[] {
  const groups = new Map<string, { ownership: Ownership; records: SocketRecord[] }>()
  for (const record of records) {
    const ownership = ownershipOf(record)
    const key = holderKey(ownership)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { ownership, records: [record] })
    else known.records.push(record)
  }
  return [...groups.values()].map(group => ({ ...group, pids: pidsOf(group.ownership) }))
}

/** The same for the same processes. */
export function holderKey(ownership: Ownership): string {
  switch (ownership.kind) {
    case 'held':
      return `held ${pidsOf(ownership).join(' ')}`
    case 'hidden':
      return `hidden ${ownership.uid}`
    case 'unaccepted':
      return `unaccepted ${holderKey(ownership.listener)}`
    default:
      return ownership.kind
  }
}

/** How much a counter grew since the earlier look; undefined where there was none. */
export function growth({ system, earlier }: Situation, counter: string): number | undefined {
  const now = system.counter(counter)
  const before = earlier?.system.counter(counter)
  return now === undefined || before === undefined ? undefined : Math.max(0, now - before)
}

/** How much it grew a second. */
export function growthPerSecond(situation: Situation, counter: string): number | undefined {
  const grown = growth(situation, counter)
  return grown === undefined ? undefined : grown / (elapsedMs(situation) / 1000)
}

/** The time between the two looks, as far as clocks tell; never 0. */
export function elapsedMs({ snapshot, earlier }: Situation): number {
  return Math.max(1, snapshot.takenAt.getTime() - (earlier?.snapshot.takenAt.getTime() ?? 0))
}

/** Whether the same socket was in the same state at the earlier look, too. */
export function wasThere({ earlier }: Situation, record: SocketRecord): boolean {
  return earlier?.sockets.find(record) !== undefined
}

/** Between the two looks, in words: `in the last 1.0 s`. */
export function lately(situation: Situation): string {
  return `in the last ${formatDuration(elapsedMs(situation))}`
}
