import type { SessionEvent } from '../../session/events.ts'
import type { CertificateEvent } from '../session-log.ts'
import type { EventField, TableOf } from './types.ts'

const ID: EventField = { type: 'number', text: 'of the connection: 1, 2 ...' }

/** The events of `sockctl serve --json`. */
export const SERVE_EVENTS: TableOf<SessionEvent | CertificateEvent> = {
  listening: {
    text: 'Connections are accepted from now on.',
    keys: {
      addresses: { type: 'address[]', text: 'the real ones: port 0 has become a number' },
      endpoints: { type: 'endpoint[]', text: 'the same, as one would dial them' },
    },
  },
  certificate: {
    text: 'A certificate was made for this run (TLS without --cert).',
    keys: {
      names: { type: 'string[]', text: 'whom it is for: names and addresses' },
      sha256: { type: 'string', text: 'its fingerprint, as openssl-x509(1) writes it' },
      notAfter: { type: 'string', text: 'when it ends (RFC 3339, UTC)' },
      caFile: { type: 'string', text: 'what clients need to trust it, until the end of the run' },
    },
  },
  open: {
    text: 'Somebody is connected, and past all that is asked at the door.',
    keys: {
      id: ID,
      local: { type: 'address', text: 'where it came to' },
      remote: { type: 'address', text: 'of the peer; with --accept-proxy of who is behind it' },
      facts: {
        type: 'object',
        text: 'what else is known, as strings: user, tls, cipher, sni, alpn, subject, proxy, path, namespace, subprotocol ...; may be empty',
      },
    },
  },
  close: {
    text: 'A connection is over.',
    keys: {
      id: ID,
      remote: { type: 'address', text: 'as in open' },
      bytesIn: { type: 'number', text: 'from the peer' },
      bytesOut: { type: 'number', text: 'to the peer' },
      messagesIn: { type: 'number', text: 'from the peer', absent: 'a stream has none' },
      messagesOut: { type: 'number', text: 'to the peer', absent: 'a stream has none' },
      durationMs: { type: 'number', text: 'since open, with fractions' },
      target: { type: 'endpoint', text: 'what it was connected to', absent: 'to nothing' },
      by: { type: 'string', text: 'who ended it: peer or us' },
      how: {
        type: 'string',
        text: 'fin (in good order), rst (broken off), timeout, limit, stop (the server was stopped) or error',
      },
      error: { type: 'string', text: 'what went wrong', absent: 'fin, rst and stop' },
      ending: {
        type: 'string',
        text: 'how it ended, in the words of its transport',
        absent: 'it has none',
      },
      farewell: { type: 'farewell', text: 'the last words', absent: 'all but WebSocket' },
    },
  },
  refused: {
    text: 'Somebody was turned away at the door.',
    keys: {
      remote: { type: 'address', text: 'of the peer' },
      reason: {
        type: 'string',
        text: 'denied (by its address), max-conns, too-many (from its address), too-fast, handshake or credential',
      },
      error: { type: 'string', text: 'what was wrong', absent: 'the reason says it all' },
    },
  },
  note: {
    text: 'There is something to say about a connection.',
    keys: { id: ID, text: { type: 'string', text: 'a few words, which may change' } },
  },
  trouble: {
    text: 'Something is not as it should be, or is again: accepting, a target, a file of networks.',
    keys: { text: { type: 'string', text: 'a sentence, which may change' } },
  },
  draining: {
    text: 'No more is accepted, and what is open is waited for.',
    keys: {
      open: { type: 'number', text: 'how many connections' },
      graceMs: { type: 'number', text: 'how long they have' },
    },
  },
}
