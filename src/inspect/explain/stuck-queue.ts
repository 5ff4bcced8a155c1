import type { SocketRecord } from '../types.ts'
import { keyOf } from '../watch/identity.ts'
import { isUnaccepted } from './accept-queue.ts'
import type { Waiting } from './report-types.ts'

/** A server that accepts at all has emptied its queue within this time. */
export const LOOK_AGAIN_AFTER_MS = 300

/** So many waiting at one look, and a server does not keep up; fewer come and go. */
const MANY_WAITING = 5

/**
 * Whether connections wait at a listener that accepts nobody. Two looks tell: those of a busy server
 * come and go, and only where it takes none do the same ones still wait a moment later. By one
 * look it is a guess.
 *
 * @param looks the connections to it, at each look; those that are accepted are left out of account
 */
export function isStuck(
  { count, givenUp, limit }: Omit<Waiting, 'isStuck'>,
  ...[earlier, later]: readonly (readonly SocketRecord[])[]
): boolean {
  const before = new Set((earlier ?? []).filter(isUnaccepted).map(keyOf))
  if (later !== undefined && before.size > 0) {
    return later.some(one => isUnaccepted(one) && before.has(keyOf(one)))
  }
  const isFull = limit !== undefined && count > limit
  return isFull || count >= MANY_WAITING || givenUp > 0
}
