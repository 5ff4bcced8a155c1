import { terminalJson } from '../../terminal-text.ts'
import type { Pile } from '../leaks/types.ts'
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

function pileJson({ suspect, kind, perSecond, descriptors, ...pile }: Pile) {
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
