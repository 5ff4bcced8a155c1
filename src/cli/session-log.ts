import { formatAddress } from '../address.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { CloseEvent, SessionEvent } from '../session/events.ts'
import { terminalText } from '../terminal-text.ts'
import type { RefusalReason } from '../transports/types.ts'
import { formatDuration } from '../units.ts'
import type { Paint } from './color.ts'
import type { OutputStream } from './context.ts'
import { eventLine } from './event-line.ts'
import { factsText } from './facts-text.ts'
import { trafficText } from './traffic-text.ts'

/** One line per event for people, on stderr. The listening line is the caller's. */
export function humanLog(stderr: OutputStream, paint: Paint): (event: SessionEvent) => void {
  return event => {
    const line = describe(event, paint)
    if (line !== undefined) stderr.write(`${line}\n`)
  }
}

const REFUSALS = {
  denied: 'not allowed in',
  'max-conns': 'too many connections',
  'too-many': 'too many connections from there',
  'too-fast': 'too many connections from there in a short time',
  handshake: 'no handshake',
  credential: 'no credential',
} satisfies Record<RefusalReason, string>

function describe(event: SessionEvent, paint: Paint): string | undefined {
  switch (event.event) {
    case 'listening':
      return undefined
    case 'open':
      return `#${event.id} ${paint.good('open')}   ${peer(event)}${factsText(event.facts)}`
    case 'close':
      return `#${event.id} close  ${peer(event)}  ${trafficText(event)}  ${formatDuration(event.durationMs)}  ${ending(event, paint)}${passedTo(event)}`
    case 'refused': {
      const { reason, error = REFUSALS[reason] } = event
      const text = terminalText(error)
      if (reason === 'credential') return `${paint.warn('refused')} ${peer(event)}: ${text}`
      const soon = reason === 'handshake' ? '' : ' at once'
      return `${paint.warn('closed')} ${peer(event)}${soon}: ${text}`
    }
    case 'note':
      return `#${event.id} ${terminalText(event.text)}`
    case 'trouble':
      return paint.warn(terminalText(event.text))
    case 'draining':
      return `stopping: ${event.open} open, waiting up to ${formatDuration(event.graceMs)}`
  }
}

function peer({ remote }: Pick<CloseEvent, 'remote'>): string {
  // Who connects over unix(7) seldom has a name.
  if (remote.family === 'unix' && remote.path === '') return 'a unix peer'
  return terminalText(formatAddress(remote))
}

function passedTo({ target }: CloseEvent): string {
  return target === undefined ? '' : `  to ${terminalText(formatEndpoint(target))}`
}

function ending({ by, how, error, ending: words }: CloseEvent, paint: Paint): string {
  if (words !== undefined && how === 'rst') return paint.warn(terminalText(words))
  if (words !== undefined && ['fin', 'stop'].includes(how)) return terminalText(words)
  switch (how) {
    case 'fin':
      return `FIN by ${by}`
    case 'rst':
      return paint.warn(`RST by ${by}`)
    case 'stop':
      return 'stopped'
    default:
      return paint.bad(terminalText(error ?? how))
  }
}

/** A certificate was made for this run. What a client needs to trust it comes with it. */
export interface CertificateEvent {
  readonly event: 'certificate'
  /** Whom it is for: names and addresses. */
  readonly names: readonly string[]
  /** As openssl-x509(1) writes it. */
  readonly sha256: string
  readonly notAfter: Date
  /** The file with the certificate of its CA, in PEM, until the end of the run. */
  readonly caFile: string
}

/** One JSON object per event, on stdout. */
export function jsonLog(
  stdout: OutputStream,
  now: () => Date,
): (event: SessionEvent | CertificateEvent) => void {
  return event => {
    stdout.write(eventLine({ ...event }, now()))
  }
}
