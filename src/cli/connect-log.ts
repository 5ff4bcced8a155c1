import { formatAddress } from '../address.ts'
import { formatEndpoint } from '../endpoint/format.ts'
import type { Endpoint } from '../endpoint/types.ts'
import { errnoOf } from '../errors.ts'
import type { Direction } from '../layers/hexdump.ts'
import type { ConnectSession } from '../session/connect-session.ts'
import type { Ended, Outcome } from '../session/outcome.ts'
import { terminalText } from '../terminal-text.ts'
import type { DialAttempt } from '../transports/types.ts'
import { formatFarewell } from '../transports/websocket/close-codes.ts'
import { formatDuration } from '../units.ts'
import type { Paint } from './color.ts'
import type { OutputStream } from './context.ts'
import { factsText } from './facts-text.ts'
import { formatTotals } from './transfer-progress.ts'

export interface ConnectLogOptions {
  readonly paint: Paint
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  readonly stats?: boolean | undefined
  /** What it goes over, where nobody can say that this was all: `UDP`. */
  readonly endless?: string | undefined
  /** Somebody types: what happens has to be seen. */
  readonly isInteractive: boolean
}

/** What `connect` says about the conversation, on stderr, beside the conversation itself. */
export interface ConnectLog {
  tried(attempt: DialAttempt): void
  connected(session: ConnectSession, endpoint: Endpoint): void
  over(outcome: Outcome): void
}

/** For people. */
export class HumanConnectLog implements ConnectLog {
  readonly #stderr: OutputStream
  readonly #options: ConnectLogOptions

  constructor(stderr: OutputStream, options: ConnectLogOptions) {
    this.#stderr = stderr
    this.#options = options
  }

  tried({ address, error, durationMs }: DialAttempt): void {
    if (!this.#options.verbose || error === undefined) return
    const why = attemptFailure(error)
    const line = `tried ${formatAddress(address)}: ${why}  ${formatDuration(durationMs)}`
    this.#say(terminalText(line))
  }

  connected(session: ConnectSession, endpoint: Endpoint): void {
    const { verbose, isInteractive, paint, endless } = this.#options
    const peer = terminalText(peerOf(session, endpoint))
    if (verbose) {
      const from = session.local.family === 'unix' ? '' : ` from ${formatAddress(session.local)}`
      this.#say(`${paint.good('connected')} to ${peer}${from}${factsText(session.facts)}`)
    } else if (isInteractive) {
      const end = endless === undefined ? 'your side' : 'your input'
      const keys = paint.dim(`(Ctrl-D ends ${end}, Ctrl-C leaves)`)
      this.#say(`${paint.good('connected')} to ${peer} ${keys}`)
    }
  }

  over(outcome: Outcome): void {
    const { verbose, stats, isInteractive } = this.#options
    const { ended, bytesIn, traffic, durationMs, farewell } = outcome
    const isCut = ended === 'quit' && bytesIn > 0
    if (farewell?.by === 'peer' && (ended === 'peer' || verbose)) {
      this.#say(terminalText(`closed by the peer: ${formatFarewell(farewell)}`))
    }
    if (verbose || isCut || (isInteractive && ended === 'peer')) this.#say(this.#ending(ended))
    // Asked for by its own flag, it is said even with --quiet.
    if (stats || verbose) this.#stderr.write(`${formatTotals(traffic, durationMs)}\n`)
  }

  #ending(ended: Ended): string {
    const { endless } = this.#options
    return ended === 'quit' && endless !== undefined
      ? `stopped waiting: ${noEnd(endless)}`
      : ENDING[ended]
  }

  #say(line: string): void {
    if (!this.#options.quiet) this.#stderr.write(`${line}\n`)
  }
}

/** Why an address could not be reached, in a word. */
export function attemptFailure(error: Error): string {
  const isGivenUp = ['TimeoutError', 'AbortError'].includes(error.name)
  return isGivenUp ? 'no answer' : (errnoOf(error) ?? error.message)
}

/** Shows the lines of a dump of both directions, for `--hex`. */
export function hexLog(
  stderr: OutputStream,
  paint: Paint,
): (line: string, direction: Direction) => void {
  return (line, direction) => {
    stderr.write(`${direction === '<' ? paint.inbound(line) : paint.outbound(line)}\n`)
  }
}

function noEnd(endless: string): string {
  return `over ${endless} nobody can say that this was all`
}

const ENDING: Readonly<Record<Ended, string>> = {
  peer: 'the peer ended the connection',
  met: 'got what was asked for',
  idle: 'ended after silence',
  sent: 'ended: all is sent',
  quit: 'stopped waiting for the peer, which has not ended its side',
  timeout: 'ended: the time is up',
  stopped: 'stopped',
  runaway: 'ended: looking for what is expected takes too long',
  broken: 'the connection broke',
  input: 'the input broke',
}

/** Who we really talk to, literally: `tcp://127.0.0.1:8080` for `tcp://localhost:8080`. */
export function peerOf({ remote, facts }: ConnectSession, endpoint: Endpoint): string {
  const { scheme } = endpoint
  // Only the proxy knows the address.
  if (facts.proxy !== undefined) return `${formatEndpoint(endpoint)} through ${facts.proxy}`
  if ('path' in endpoint && 'port' in endpoint && remote.family !== 'unix') {
    return formatEndpoint({ ...endpoint, host: remote.host, port: remote.port })
  }
  return remote.family === 'unix' ? `unix:${remote.path}` : `${scheme}://${formatAddress(remote)}`
}

/** When a peer that was told of our end is silent for so long, a person may wonder. */
const WONDER_MS = 2000

/** Says once that the peer keeps the connection open, and what to type. Returns what calls it off. */
export function explainWaiting(
  session: ConnectSession,
  terminal: OutputStream,
  endless?: string,
): () => void {
  const why =
    endless === undefined
      ? 'the peer has not ended its side: waiting for it'
      : `${noEnd(endless)}: waiting for more`
  let { bytesIn } = session.traffic
  const timer = setInterval(() => {
    const isSilent = session.isAllSent && session.traffic.bytesIn === bytesIn
    bytesIn = session.traffic.bytesIn
    if (!isSilent) return
    clearInterval(timer)
    terminal.write(`all is sent, and ${why}\n`)
    terminal.write('  To stop earlier: -q 1s, --idle 1s, --lines 1 or --expect <regex>\n')
  }, WONDER_MS)
  timer.unref()
  return () => clearInterval(timer)
}
