import { expect, it } from 'vitest'
import type { EventTable } from '../../src/cli/event-schema/types.ts'
import { type JsonEvent, undocumented, unseen } from './documented-events.ts'

/** What a command is made to say with --json: each gives all events of a run, by what happens in it. */
export type EventRuns = Readonly<Record<string, () => Promise<readonly JsonEvent[]>>>

/**
 * Tests that runs of a command say nothing that its table does not have, and all together whatever it
 * has.
 *
 * @param beyond the events and keys (`end.lost`) that these runs need not say
 */
export function itSaysWhatIsWrittenDown(
  table: EventTable,
  runs: EventRuns,
  beyond: RegExp = /^$/,
): void {
  const said: JsonEvent[] = []

  it.each(Object.entries(runs))('says of %s only what is written down', async (_, run) => {
    const events = await run()
    said.push(...events)
    expect(events.length).toBeGreaterThan(0)
    expect(undocumented(events, table)).toEqual([])
  })

  it('has been heard to say all that is written down', () => {
    expect(unseen(said, table).filter(one => !beyond.test(one))).toEqual([])
  })
}
