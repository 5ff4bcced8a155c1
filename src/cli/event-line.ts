import { terminalJson } from '../terminal-text.ts'

/** An event with its data, before it has a time. */
export interface EventRecord {
  readonly event: string
  readonly [key: string]: unknown
}

/** One line of JSON about an event; what a terminal would obey is escaped. */
export function eventLine({ event, ...rest }: EventRecord, time: Date): string {
  return `${terminalJson(JSON.stringify({ event, time: time.toISOString(), ...rest }))}\n`
}
