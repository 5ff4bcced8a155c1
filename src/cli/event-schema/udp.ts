import type { ListenEvent } from '../../datagram/events.ts'
import type { SendEvent } from '../../datagram/send.ts'
import type { EventField, EventSchema } from './types.ts'

const ID: EventField = { type: 'number', text: 'of the datagram: 1, 2 ...' }
const LOCAL: EventField = { type: 'address', text: 'the socket; 0.0.0.0 or :: for every address' }
const REMOTE: EventField = { type: 'address', text: 'of the peer' }
const BYTES: EventField = { type: 'number', text: 'of the payload' }

/** What came, as `datagramRecord` has it. */
const DATAGRAM = {
  id: ID,
  remote: REMOTE,
  local: LOCAL,
  bytes: BYTES,
  text: { type: 'string', text: 'the payload', absent: 'it is not UTF-8' },
  base64: { type: 'string', text: 'the payload', absent: 'it is UTF-8' },
} as const satisfies Record<string, EventField>

/** The events of `sockctl udp listen --json`. */
export const UDP_LISTEN_EVENTS: Readonly<
  Record<ListenEvent['event'] | 'listening' | 'end', EventSchema>
> = {
  listening: {
    text: 'Datagrams are heard from now on.',
    keys: {
      addresses: { type: 'address[]', text: 'the real ones: port 0 has become a number' },
      joined: { type: 'membership[]', text: 'the groups that were joined', absent: 'none was' },
    },
  },
  datagram: { text: 'One has come.', keys: DATAGRAM },
  answered: {
    text: 'An answer was handed to the system.',
    keys: { id: ID, remote: REMOTE, local: LOCAL, bytes: BYTES },
  },
  unanswered: {
    text: 'A datagram was not answered, though it should be.',
    keys: {
      id: ID,
      remote: REMOTE,
      reason: {
        type: 'string',
        text: 'no-return (nothing gets there), loop, amplification, failed or busy (too many wait)',
      },
      text: { type: 'string', text: 'a sentence, which may change' },
    },
  },
  denied: {
    text: 'A datagram came from somebody who may not in.',
    keys: { remote: REMOTE, local: LOCAL, bytes: BYTES },
  },
  trouble: {
    text: 'Something is not as it should be; listening goes on.',
    keys: { text: { type: 'string', text: 'a sentence, which may change' } },
  },
  end: {
    text: 'The last line.',
    keys: {
      reason: { type: 'string', text: 'stopped, count, time or idle' },
      datagrams: { type: 'number', text: 'that came and may in' },
      bytes: { type: 'number', text: 'of their payloads' },
      replies: { type: 'number', text: 'that were sent' },
      denied: { type: 'number', text: 'datagrams that may not in' },
      lost: {
        type: 'number',
        text: 'datagrams that the kernel dropped, since they came too fast',
        absent: 'not on Linux',
      },
      dropped: {
        type: 'number',
        text: 'lines that are missing, since stdout was read too slowly',
        absent: 'none is',
      },
    },
  },
}

/** The events of `sockctl udp send --json`. */
export const UDP_SEND_EVENTS: Readonly<Record<SendEvent['event'] | 'end', EventSchema>> = {
  sent: {
    text: 'A datagram was handed to the system.',
    keys: { local: LOCAL, remote: REMOTE, bytes: BYTES },
  },
  reply: {
    text: 'One has come back.',
    keys: {
      ...DATAGRAM,
      rttMs: {
        type: 'number',
        text: 'since it was sent, with fractions',
        absent: 'more than one was sent',
      },
    },
  },
  refused: {
    text: 'Nobody is at an address, and the next one of the name is tried.',
    keys: {
      remote: { type: 'address', text: 'where nobody is' },
      code: { type: 'string', text: 'the errno: ECONNREFUSED' },
      text: { type: 'string', text: 'a few words, which may change' },
    },
  },
  end: {
    text: 'The last line.',
    keys: {
      verdict: { type: 'string', text: 'answered, silent, refused or stopped' },
      remote: { type: 'address', text: 'of the peer; of several, the last one that was tried' },
      sent: { type: 'number', text: 'datagrams' },
      bytes: { type: 'number', text: 'of their payloads' },
      replies: { type: 'number', text: 'that came' },
    },
  },
}
