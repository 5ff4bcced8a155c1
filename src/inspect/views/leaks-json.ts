import { terminalJson } from '../../terminal-text.ts'
import type { LeakKind, Pile, PilePeer } from '../leaks/types.ts'
import type { Snapshot } from '../types.ts'

/**
 * Writes a report of leaks as one JSON document in a line; with an `event` and a `time` where more of
 * them follow.
 */
export function leakJson(
  piles: readonly Pile[],
  {
    snapshot: { takenAt, host, source, warnings },
    intervalMs,
    isEvent,
  }: {
    readonly snapshot: Snapshot
    readonly intervalMs: number | undefined
    readonly isEvent: boolean
  },
): string {
  const time = takenAt.toISOString()
  const head = isEvent ? { event: 'leaks', time, schema: 1 } : { schema: 1, takenAt: time }
  const interval = intervalMs === undefined ? {} : { intervalMs: Math.round(intervalMs) }
  const leaks = piles.map(pileJson)
  return `${terminalJson(JSON.stringify({ ...head, host, source, ...interval, leaks, warnings }))}\n`
}

/** One pile as JSON. `over-time-schema.ts` says what each key means. */
export interface PileJson {
  readonly kind: LeakKind
  readonly isLeak: boolean
  readonly pid: number | undefined
  readonly name: string | undefined
  readonly uid: number | undefined
  readonly count: number
  readonly countBefore: number | undefined
  readonly stayed: number | undefined
  readonly isGrowing: boolean
  readonly perSecond: number | undefined
  readonly openDescriptors: number | undefined
  readonly descriptorLimit: number | undefined
  readonly secondsLeft: number | undefined
  readonly peers: readonly PilePeer[]
}

function pileJson({ suspect, kind, perSecond, descriptors, ...pile }: Pile): PileJson {
  return {
    kind,
    isLeak: pile.isLeak,
    pid: suspect.pid,
    name: suspect.name,
    uid: suspect.uid,
    count: pile.now,
    countBefore: pile.before,
    stayed: pile.stayed,
    isGrowing: pile.isGrowing,
    perSecond: perSecond === undefined ? undefined : Math.round(perSecond * 1000) / 1000,
    openDescriptors: descriptors?.open,
    descriptorLimit: descriptors?.limit,
    secondsLeft:
      descriptors?.secondsLeft === undefined ? undefined : Math.round(descriptors.secondsLeft),
    peers: pile.peers,
  }
}
