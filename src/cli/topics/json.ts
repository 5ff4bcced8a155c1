import { RESULT_FIELDS } from '../../inspect/act/json-schema.ts'
import { COUNTER_FIELDS } from '../../inspect/views/counters-schema.ts'
import {
  CHECK_FIELDS,
  DOCUMENT_FIELDS,
  EVENTS,
  FINDING_FIELDS,
  type JsonField,
  SOCKET_FIELDS,
  UNANSWERED_FIELDS,
  WATCH_EVENTS,
} from '../../inspect/views/json-schema.ts'
import {
  DESTINATION_FIELDS,
  EPHEMERAL_FIELDS,
  LEAKS_FIELDS,
  PEER_FIELDS,
  PILE_FIELDS,
  RANGE_FIELDS,
} from '../../inspect/views/over-time-schema.ts'
import { OVERVIEW_FIELDS } from '../../inspect/views/overview-json.ts'
import { REPORT_FIELDS } from '../../inspect/views/report-schema.ts'
import type { Row } from '../documents/types.ts'
import { EVENT_SECTIONS } from '../event-schema/sections.ts'
import type { Topic } from './types.ts'

/** `sockctl help json` and sockctl-json(7) */
export const json: Topic = {
  summary: 'What --json prints, and what stays the same',
  sections: [
    {
      title: 'What you can rely on',
      body: [
        `Within a schema number, keys are only added. Names end in their unit where they have one (durationMs, bytesIn); times are RFC 3339 in UTC; ports are numbers; states are those of sockctl help states. What is not known is left out: never "", "-" or 0 in its place. Remarks for people stay on stderr; only connect, of which stdout is the peer's, has its events there.`,
      ],
    },
    { title: 'inspect --json: one document', body: [DOCUMENT_FIELDS.map(fieldRow)] },
    {
      title: 'A socket',
      body: [
        `Not every key is asked of the kernel: -i adds what TCP knows, -m the memory, -e the options, --peer the other end; --columns takes only those that it names (sockctl help columns).`,
        SOCKET_FIELDS.map(({ key, type, text }): Row => [key, `${type}: ${text}`]),
      ],
    },
    {
      title: 'A report (inspect <target> --json)',
      body: [
        REPORT_FIELDS.map(fieldRow),
        `The keys of process stand in holders too. The key sockets has the sockets that the report is about.`,
      ],
    },
    {
      title: 'A listener of the overview (inspect --json)',
      body: [OVERVIEW_FIELDS.map(fieldRow)],
    },
    { title: 'A result (inspect --policy, --diff)', body: [CHECK_FIELDS.map(fieldRow)] },
    { title: 'A finding', body: [FINDING_FIELDS.map(fieldRow)] },
    {
      title: 'A rule that could give no answer (inspect --diagnose)',
      body: [UNANSWERED_FIELDS.map(fieldRow)],
    },
    { title: 'inspect --ndjson: one object per line, by event', body: [EVENTS.map(fieldRow)] },
    { title: 'inspect --watch: what happens then', body: [WATCH_EVENTS.map(fieldRow)] },
    {
      title: 'inspect --leaks --json',
      body: [
        LEAKS_FIELDS.map(fieldRow),
        `One of the leaks:`,
        PILE_FIELDS.map(fieldRow),
        `One of its peers:`,
        PEER_FIELDS.map(fieldRow),
        `With --watch it is one object per line, with the event leaks, and time in place of takenAt.`,
      ],
    },
    {
      title: 'inspect --ephemeral --json',
      body: [
        EPHEMERAL_FIELDS.map(fieldRow),
        `The range:`,
        RANGE_FIELDS.map(fieldRow),
        `One of the destinations:`,
        DESTINATION_FIELDS.map(fieldRow),
        `With --watch it is one object per line, with the event ephemeral, and time in place of takenAt.`,
      ],
    },
    {
      title: 'A result (inspect --free and --close)',
      body: [
        RESULT_FIELDS.map(({ key, type, text }): Row => [key, `${type}: ${text}`]),
        `They stand in the key results of the document, in place of sockets.`,
      ],
    },
    {
      title: 'A counter (inspect --counters)',
      body: [
        COUNTER_FIELDS.map(fieldRow),
        `They stand in the key counters of the document, and in the events counter and, with --watch, change; the first event is counters.`,
      ],
    },
    ...EVENT_SECTIONS,
  ],
}

function fieldRow({ key, text }: JsonField): Row {
  return [key, text]
}
