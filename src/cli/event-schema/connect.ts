import type { ConnectEvent } from '../connect-events.ts'
import type { EventField, TableOf } from './types.ts'

const ENDPOINT: EventField = { type: 'endpoint', text: 'as it was asked for' }
const TEXT: EventField = { type: 'string', text: 'a sentence, which may change' }
const CODE = { type: 'string', text: 'ERR_REFUSED, ERR_TIMEOUT ...' } as const
const ERRNO: EventField = {
  type: 'string',
  text: 'what the system said: ECONNREFUSED',
  absent: 'it said nothing',
}

/** The events of `sockctl connect --json`. */
export const CONNECT_EVENTS: TableOf<ConnectEvent> = {
  tried: {
    text: 'An address could not be reached; the next one is tried, if there is one.',
    keys: {
      address: { type: 'address', text: 'of the peer, or of the proxy' },
      errno: ERRNO,
      text: { type: 'string', text: 'a few words, which may change' },
      durationMs: { type: 'number', text: 'with fractions' },
    },
  },
  open: {
    text: 'Connected, with all handshakes.',
    keys: {
      endpoint: ENDPOINT,
      local: { type: 'address', text: 'our end' },
      remote: { type: 'address', text: 'of the peer; through a proxy that of the proxy' },
      facts: {
        type: 'object',
        text: 'what else is known, as strings: tls, cipher, alpn, subject, proxy, subprotocol ...; may be empty',
      },
    },
  },
  close: {
    text: 'The conversation is over. An error may follow.',
    keys: {
      bytesIn: { type: 'number', text: 'from the peer, as stdout has them' },
      bytesOut: { type: 'number', text: 'to the peer, as stdin had them' },
      durationMs: { type: 'number', text: 'since open, with fractions' },
      ended: {
        type: 'string',
        text: 'peer (it ended), met (got what was asked for), idle, sent, quit (of waiting), timeout, stopped, runaway (--expect takes too long), broken or input (it cannot be read)',
      },
      farewell: { type: 'farewell', text: 'the last words', absent: 'all but WebSocket' },
    },
  },
  port: {
    text: 'With -z, what came of a port, in the order of the ports.',
    keys: {
      endpoint: ENDPOINT,
      result: { type: 'string', text: 'open or failed' },
      remote: {
        type: 'address',
        text: 'that answered',
        absent: 'it failed, or is behind a proxy',
      },
      code: { ...CODE, absent: 'it is open' },
      errno: ERRNO,
      text: { ...TEXT, absent: 'it is open' },
    },
  },
  note: {
    text: 'A warning: of a certificate or a secret.',
    keys: { text: TEXT },
  },
  error: {
    text: 'The last line, where what was asked for was not done.',
    keys: {
      code: CODE,
      exitCode: { type: 'number', text: 'see sockctl help exit-codes' },
      errno: ERRNO,
      text: TEXT,
      hints: { type: 'string[]', text: 'for people; may be empty' },
    },
  },
}
