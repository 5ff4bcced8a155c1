import { setTimeout as delay } from 'node:timers/promises'
import { loadTables } from '../owners/load-tables.ts'
import { type HolderIdentity, hasEnded, stateOfHolder } from './holder-identity.ts'

/** How a process came to hold the sockets no longer, or that it still does. */
export type EndOutcome =
  | { readonly kind: 'ended'; readonly afterMs: number }
  /** It has closed them, and goes on: most often with the connections that are open. */
  | { readonly kind: 'released'; readonly afterMs: number }
  | { readonly kind: 'holds' }

/** What a look costs is little beside it, and nobody notices the wait. */
const LOOK_EVERY_MS = 20

/** A server that has closed its door has most often ended a moment later. */
const LEAVING_MS = 200

/**
 * Waits until a process has ended, or has closed the sockets and stays. Ends as soon as it does.
 *
 * @param graceMs how long to wait at most
 */
export async function awaitEnd(
  holder: HolderIdentity,
  { graceMs, procRoot = '/proc' }: { readonly graceMs: number; readonly procRoot?: string },
): Promise<EndOutcome> {
  const tables = await loadTables(procRoot)
  const startedAt = performance.now()
  let releasedAt: number | undefined
  for (;;) {
    const afterMs = performance.now() - startedAt
    if (hasEnded(holder, procRoot)) return { kind: 'ended', afterMs }
    if (releasedAt === undefined) {
      const state = stateOfHolder(holder, { procRoot, tables })
      if (state === 'ended' || state === 'another') return { kind: 'ended', afterMs }
      if (state === 'released') releasedAt = afterMs
      else if (afterMs >= graceMs) return { kind: 'holds' }
    } else if (afterMs >= releasedAt + LEAVING_MS) {
      return { kind: 'released', afterMs: releasedAt }
    }
    await delay(LOOK_EVERY_MS)
  }
}
