import type { Traffic } from '../channel/traffic.ts'
import type { Farewell } from '../channel/types.ts'
import { errnoOf, SockctlError, systemError } from '../errors.ts'
import { formatFarewell, isGoodFarewell } from '../transports/websocket/close-codes.ts'
import { formatDuration } from '../units.ts'
import type { StopRules } from './stop-rules.ts'

/** How a conversation that we opened came to its end. */
export interface Outcome {
  readonly ended: Ended
  /** What came from the peer; with a limit on bytes or lines, also what came beyond it. */
  readonly bytesIn: number
  /** What was handed to the system for the peer. */
  readonly bytesOut: number
  /** The same as it went over the wire: of messages without what is laid between them here. */
  readonly traffic: Traffic
  /** Whole lines; a last one without its line break counts when the peer has ended in good order. */
  readonly linesIn: number
  /** Whether what was expected came. */
  readonly matched: boolean
  /** Whether all that we had to send was sent. */
  readonly allSent: boolean
  readonly durationMs: number
  /** The alert of TLS (RFC 8446 §6) that was all that came: the peer speaks TLS, and we did not. */
  readonly tlsAlert?: number | undefined
  /** What broke it. */
  readonly error?: Error | undefined
  /** The last words of a WebSocket. */
  readonly farewell?: Farewell | undefined
}

/**
 * - `peer`: the peer ended its side, and we had no more to say.
 * - `met`: a stop rule is fulfilled. `idle`: silence after the first byte.
 * - `sent`: we only had something to send. `quit`: the wait after the last byte sent is over.
 * - `timeout`: the time for it all is up. `stopped`: somebody stopped us.
 * - `runaway`: whether what was expected came cannot be told in reasonable time.
 * - `broken`: the connection failed. `input`: what was to be sent cannot be read.
 */
export type Ended =
  | 'peer'
  | 'met'
  | 'idle'
  | 'sent'
  | 'quit'
  | 'timeout'
  | 'stopped'
  | 'runaway'
  | 'broken'
  | 'input'

/** What the user counts on, beyond the stop rules. */
export interface Asked {
  readonly rules: StopRules
  /**
   * `required`: ending without one byte from the peer is a failure. `hoped-for`: giving up the wait
   * without one is, the peer's own end is not. `none`: silence is fine.
   */
  readonly reply: 'required' | 'hoped-for' | 'none'
  /** Who we talk to: `tcp://127.0.0.1:80`. */
  readonly peer: string
}

/** The failure that an outcome is, or undefined when what was asked for was done. */
export function failureOf(outcome: Outcome, asked: Asked): SockctlError | undefined {
  const { ended, error } = outcome
  if (ended === 'stopped' || ended === 'sent') return undefined
  if (outcome.tlsAlert !== undefined) return speaksTls(outcome.tlsAlert, asked)
  if (ended === 'input') return systemError('cannot read what is to be sent', error)
  if (ended === 'broken') return brokenOff(outcome, asked)
  if (ended === 'runaway') return runaway(outcome, asked)
  return unmet(outcome, asked) ?? closedBadly(outcome, asked) ?? tooEarly(outcome, asked)
}

function speaksTls(alert: number, { peer }: Asked): SockctlError {
  const text = `${peer} speaks TLS, and answers with nothing but an alert of it (${alert})`
  return new SockctlError('ERR_PROTOCOL', text, { hints: ['To talk under TLS: connect --tls'] })
}

function brokenOff(outcome: Outcome, { peer }: Asked): SockctlError {
  const { error, bytesIn, farewell } = outcome
  if (error instanceof SockctlError) {
    const text = `lost the connection to ${peer} after ${bytes(bytesIn)}: ${error.message}`
    return new SockctlError(error.code, text, { cause: error, hints: [...error.hints] })
  }
  if (error === undefined) {
    const text = `the connection to ${peer} was closed after ${bytes(bytesIn)}, before its end`
    return new SockctlError('ERR_INCOMPLETE', text)
  }
  const isReset = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(errnoOf(error) ?? '')
  if (errnoOf(error) === 'ECONNREFUSED') {
    // Only datagrams find out by being sent: a stream is refused when it connects.
    return new SockctlError(
      'ERR_REFUSED',
      `${peer} takes nothing: nobody is there (ECONNREFUSED)`,
      {
        cause: error,
      },
    )
  }
  if (!isReset) return systemError(`lost the connection to ${peer} after ${bytes(bytesIn)}`, error)
  return new SockctlError(
    'ERR_RESET',
    `${peer} reset the connection after ${bytes(bytesIn)} (${farewell === undefined ? errnoOf(error) : formatFarewell(farewell)})`,
    { cause: error, hints: reasonsToReset(outcome) },
  )
}

function reasonsToReset({ bytesIn, bytesOut, allSent }: Outcome): string[] {
  if (!allSent) return [`What was to be sent was not sent to its end (${bytes(bytesOut)} were).`]
  if (bytesIn === 0) return ['A forwarder does that when nobody is behind it.']
  if (bytesOut > 0) return ['A peer does that when it closes before it has read all that was sent.']
  return []
}

function runaway({ bytesIn }: Outcome, { rules }: Asked): SockctlError {
  const attempt = `looking for "${rules.expect?.text}" in what came`
  return new SockctlError(
    'ERR_TIMEOUT',
    `${attempt} takes too long: given up (${bytes(bytesIn)} received)`,
    {
      hints: [
        'It can be matched in too many ways: write (a+)+b as a+b, and .* only where lines are short.',
      ],
    },
  )
}

/** The peer has said that it did not end in good order. */
function closedBadly({ ended, farewell, bytesIn }: Outcome, { peer }: Asked) {
  if (ended !== 'peer' || farewell?.by !== 'peer' || isGoodFarewell(farewell)) return undefined
  return new SockctlError(
    'ERR_INCOMPLETE',
    `${peer} closed after ${bytes(bytesIn)}: ${formatFarewell(farewell)}`,
  )
}

/** An expectation, or a number of lines or bytes, that did not come. */
function unmet(outcome: Outcome, { rules }: Asked): SockctlError | undefined {
  const { ended, bytesIn, linesIn, matched } = outcome
  const { expect } = rules
  if (expect !== undefined && !matched) {
    const after = ended === 'timeout' ? ` after ${formatDuration(rules.timeoutMs ?? 0)}` : ''
    const message = `no match for "${expect.text}"${after} (${bytes(bytesIn)} received)`
    return new SockctlError('ERR_NOT_MET', message)
  }
  if (ended === 'met') return undefined
  const missing =
    shortfall(rules.lines, linesIn, 'lines') ?? shortfall(rules.bytes, bytesIn, 'bytes')
  if (missing === undefined) return undefined
  return ended === 'peer'
    ? new SockctlError('ERR_INCOMPLETE', `the peer ended after ${missing}`)
    : new SockctlError('ERR_TIMEOUT', `${reasonToStop(outcome, rules)}: got ${missing}`)
}

function shortfall(wanted: number | undefined, came: number, unit: string): string | undefined {
  if (wanted === undefined || came >= wanted) return undefined
  return `${came} of ${wanted} ${unit}`
}

/** Nothing was promised but an end in good order, and that is not what came. */
function tooEarly(outcome: Outcome, asked: Asked): SockctlError | undefined {
  const { ended, bytesIn, bytesOut, allSent } = outcome
  const { rules, reply, peer } = asked
  if (ended === 'timeout') {
    const message = `${peer} has not finished after ${formatDuration(rules.timeoutMs ?? 0)}`
    const isMute = bytesIn === 0 && reply === 'required'
    return new SockctlError('ERR_TIMEOUT', `${message} (${bytes(bytesIn)} received)`, {
      hints: isMute ? ['One that answers only at the end of its input needs -N.'] : [],
    })
  }
  if (bytesIn > 0 || reply === 'none') return undefined
  if (ended === 'quit' && rules.quitMs !== 0) {
    return new SockctlError('ERR_TIMEOUT', `${reasonToStop(outcome, rules)}: ${peer} sent nothing`)
  }
  const closedAtOnce = ended === 'peer' && !allSent && bytesOut === 0
  if (reply !== 'required' && !closedAtOnce) return undefined
  return new SockctlError('ERR_INCOMPLETE', `${peer} ended the connection without a word`, {
    hints: closedAtOnce ? ['To send to a peer that ends its side first: --send-only'] : [],
  })
}

function reasonToStop({ ended }: Outcome, rules: StopRules): string {
  switch (ended) {
    case 'idle':
      return `silent for ${formatDuration(rules.idleMs ?? 0)}`
    case 'quit':
      return `stopped waiting ${formatDuration(rules.quitMs ?? 0)} after the last byte was sent`
    default:
      return `time is up after ${formatDuration(rules.timeoutMs ?? 0)}`
  }
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`
}
