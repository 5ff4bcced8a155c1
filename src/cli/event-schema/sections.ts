import type { Block, Row, Section } from '../documents/types.ts'
import { CONNECT_EVENTS } from './connect.ts'
import { PARTS } from './parts.ts'
import { SERVE_EVENTS } from './serve.ts'
import type { EventField, EventTable } from './types.ts'
import { UDP_LISTEN_EVENTS, UDP_SEND_EVENTS } from './udp.ts'

/** What `sockctl help json` says of the events of serve, udp and connect. */
export const EVENT_SECTIONS: readonly Section[] = [
  eventSection('serve --json: one object per line, by event', SERVE_EVENTS),
  eventSection('connect --json: one object per line on stderr, by event', CONNECT_EVENTS),
  eventSection('udp listen --json: one object per line, by event', UDP_LISTEN_EVENTS),
  eventSection('udp send --json: one object per line, by event', UDP_SEND_EVENTS),
  {
    title: 'Objects in events',
    body: [
      'Each event has event, its name, and time (RFC 3339, UTC). Further events and keys may come.',
      ...Object.entries(PARTS).flatMap(([name, keys]) => [`${name}:`, keyRows(keys)]),
    ],
  },
]

function eventSection(title: string, events: EventTable): Section {
  return {
    title,
    body: Object.entries(events).flatMap(([name, { text, keys }]): Block[] => [
      `${name}: ${text}`,
      keyRows(keys),
    ]),
  }
}

function keyRows(keys: Readonly<Record<string, EventField>>): readonly Row[] {
  return Object.entries(keys).map(([key, { type, text, absent }]): Row => {
    return [key, `${type}: ${text}${absent === undefined ? '' : `; absent: ${absent}`}`]
  })
}
