import type { Beat, WatchEvent } from '../../src/inspect/watch/selected-watch.ts'
import type { WatchedSocket } from '../../src/inspect/watch/types.ts'
import { record, snapshot } from './records.ts'

/** A TCP listener that was there at the first look, but for what is said otherwise. */
export function watched(parts: Partial<WatchedSocket> = {}): WatchedSocket {
  const { state = 'listen' } = parts
  return {
    record: record({ state, ...parts.record }),
    state,
    stateBefore: undefined,
    owners: undefined,
    openedAt: 1,
    changedAt: 1,
    seenAt: 1,
    selectedAt: 1,
    ...parts,
  }
}

/** A look that sees these sockets. */
export function beat(
  number: number,
  sockets: readonly WatchedSocket[],
  events: readonly WatchEvent[] = [],
): Beat {
  const taken = snapshot(sockets.map(one => one.record))
  return { number, snapshot: taken, ownershipOf: undefined, sockets, events }
}
