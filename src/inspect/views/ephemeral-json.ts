import { terminalJson } from '../../terminal-text.ts'
import type { Destination, PortRange } from '../ephemeral/types.ts'
import type { Snapshot } from '../types.ts'

/** Writes the use of ports as a JSON document in a line; as an event where more of them follow. */
export function ephemeralJson(
  destinations: readonly Destination[],
  {
    range,
    snapshot: { takenAt, host, source, warnings },
    isEvent,
  }: {
    readonly range: PortRange
    readonly snapshot: Snapshot
    readonly isEvent: boolean
  },
): string {
  const time = takenAt.toISOString()
  const head = isEvent ? { event: 'ephemeral', time, schema: 1 } : { schema: 1, takenAt: time }
  const rounded = destinations.map(one => ({
    ...one,
    percent: round(one.percent),
    perSecond: one.perSecond === undefined ? undefined : round(one.perSecond),
  }))
  const document = { ...head, host, source, range, destinations: rounded, warnings }
  return `${terminalJson(JSON.stringify(document))}\n`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
