import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../src/errors.ts'
import { type Asked, failureOf, type Outcome } from '../../src/session/outcome.ts'
import { parseExpectation } from '../../src/session/stop-rules.ts'

const PEER = 'tcp://192.0.2.1:80'

function outcome(parts: Partial<Outcome>): Outcome {
  return {
    ended: 'peer',
    bytesIn: 0,
    bytesOut: 0,
    traffic: { bytesIn: 0, bytesOut: 0 },
    linesIn: 0,
    matched: false,
    allSent: true,
    durationMs: 1,
    ...parts,
  }
}

function asked(parts: Partial<Asked> = {}): Asked {
  return { rules: {}, reply: 'hoped-for', peer: PEER, ...parts }
}

const expecting = { expect: parseExpectation('+OK') }
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })

describe('failureOf', () => {
  it.each<[string, Partial<Outcome>, Partial<Asked>]>([
    ['an end in good order, even without a word', {}, {}],
    ['a rule that was met', { ended: 'met', bytesIn: 3 }, { rules: { bytes: 3 } }],
    ['a match', { ended: 'met', bytesIn: 3, matched: true }, { rules: expecting }],
    ['silence after something came', { ended: 'idle', bytesIn: 3 }, { reply: 'required' }],
    ['no answer where none is wanted', { ended: 'idle' }, { reply: 'none' }],
    ['something that was only to be sent', { ended: 'sent' }, { reply: 'required' }],
    ['giving up the wait after something came', { ended: 'quit', bytesIn: 1 }, {}],
    ['not waiting at all', { ended: 'quit' }, { rules: { quitMs: 0 } }],
    ['being stopped', { ended: 'stopped' }, { reply: 'required' }],
    ['a last line without its end', { bytesIn: 3, linesIn: 2 }, { rules: { lines: 2 } }],
  ])('finds nothing wrong with %s', (_, parts, request) => {
    expect(failureOf(outcome(parts), asked(request))).toBeUndefined()
  })

  it.each<[string, Partial<Outcome>, Partial<Asked>, string, string]>([
    [
      'an end of TLS without its word',
      { ended: 'broken', error: new SockctlError('ERR_INCOMPLETE', 'it was cut off'), bytesIn: 12 },
      {},
      'ERR_INCOMPLETE',
      `lost the connection to ${PEER} after 12 bytes: it was cut off`,
    ],
    [
      'a close that nobody has explained',
      { ended: 'broken', bytesIn: 12 },
      {},
      'ERR_INCOMPLETE',
      `the connection to ${PEER} was closed after 12 bytes, before its end`,
    ],
    [
      'an alert of TLS, and nothing else',
      { ended: 'peer', bytesIn: 7, tlsAlert: 70 },
      {},
      'ERR_PROTOCOL',
      `${PEER} speaks TLS, and answers with nothing but an alert of it (70)`,
    ],
    [
      'a reset',
      { ended: 'broken', error: reset, bytesIn: 12 },
      {},
      'ERR_RESET',
      `${PEER} reset the connection after 12 bytes (ECONNRESET)`,
    ],
    [
      'a reset after a match that was to be the whole',
      { ended: 'broken', error: reset, bytesIn: 1, matched: true },
      { rules: { ...expecting, untilClose: true } },
      'ERR_RESET',
      `${PEER} reset the connection after 1 byte (ECONNRESET)`,
    ],
    [
      'no match before the end',
      { bytesIn: 7 },
      { rules: expecting },
      'ERR_NOT_MET',
      'no match for "+OK" (7 bytes received)',
    ],
    [
      'no match in time',
      { ended: 'timeout', bytesIn: 7 },
      { rules: { ...expecting, timeoutMs: 2000 } },
      'ERR_NOT_MET',
      'no match for "+OK" after 2.0 s (7 bytes received)',
    ],
    [
      'a pattern that runs away',
      { ended: 'runaway', bytesIn: 40 },
      { rules: expecting },
      'ERR_TIMEOUT',
      'looking for "+OK" in what came takes too long: given up (40 bytes received)',
    ],
    [
      'no match in the lines that were asked for',
      { ended: 'met', bytesIn: 7, linesIn: 1 },
      { rules: { ...expecting, lines: 1 } },
      'ERR_NOT_MET',
      'no match for "+OK" (7 bytes received)',
    ],
    [
      'too few lines',
      { bytesIn: 7, linesIn: 1 },
      { rules: { lines: 3 } },
      'ERR_INCOMPLETE',
      'the peer ended after 1 of 3 lines',
    ],
    [
      'too few bytes',
      { bytesIn: 7 },
      { rules: { bytes: 9 } },
      'ERR_INCOMPLETE',
      'the peer ended after 7 of 9 bytes',
    ],
    [
      'too few bytes before silence',
      { ended: 'idle', bytesIn: 7 },
      { rules: { bytes: 9, idleMs: 500 } },
      'ERR_TIMEOUT',
      'silent for 500 ms: got 7 of 9 bytes',
    ],
    [
      'too few lines in time',
      { ended: 'timeout', bytesIn: 7, linesIn: 1 },
      { rules: { lines: 3, timeoutMs: 1000 } },
      'ERR_TIMEOUT',
      'time is up after 1.0 s: got 1 of 3 lines',
    ],
    [
      'a peer that does not end in time',
      { ended: 'timeout', bytesIn: 7 },
      { rules: { timeoutMs: 1000 } },
      'ERR_TIMEOUT',
      `${PEER} has not finished after 1.0 s (7 bytes received)`,
    ],
    [
      'a request without an answer',
      {},
      { reply: 'required' },
      'ERR_INCOMPLETE',
      `${PEER} ended the connection without a word`,
    ],
    [
      'a wait for nothing',
      { ended: 'quit' },
      { rules: { quitMs: 1000 } },
      'ERR_TIMEOUT',
      `stopped waiting 1.0 s after the last byte was sent: ${PEER} sent nothing`,
    ],
    [
      'a peer that leaves before anything happened',
      { allSent: false },
      {},
      'ERR_INCOMPLETE',
      `${PEER} ended the connection without a word`,
    ],
    [
      'input that cannot be read',
      { ended: 'input', error: Object.assign(new Error('read'), { code: 'EISDIR' }) },
      {},
      'ERR_USAGE',
      'cannot read what is to be sent: that is a folder (EISDIR)',
    ],
  ])('finds fault with %s', (_, parts, request, code, message) => {
    expect(failureOf(outcome(parts), asked(request))).toMatchObject({ code, message })
  })

  it('says how much was sent when a reset cut it short', () => {
    const cut = outcome({ ended: 'broken', error: reset, bytesOut: 5, allSent: false })
    expect(failureOf(cut, asked())?.hints).toEqual([
      'What was to be sent was not sent to its end (5 bytes were).',
    ])
  })

  it('says what a server may wait for that says nothing', () => {
    const mute = outcome({ ended: 'timeout', bytesOut: 5 })
    expect(failureOf(mute, asked({ reply: 'required' }))?.hints.join()).toContain('needs -N')
  })
})
