import { type Address, formatAddress } from '../../../address.ts'
import { formatEndpoint } from '../../../endpoint/format.ts'
import { isSecure } from '../../../endpoint/secure.ts'
import { serviceOfPort } from '../../../endpoint/service-names.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { type ErrorCode, errnoOf, SockctlError, usageError } from '../../../errors.ts'
import { checkPorts, type PortResult } from '../../../session/port-check.ts'
import { terminalText } from '../../../terminal-text.ts'
import { abilitiesOf } from '../../../transports/abilities.ts'
import type { DialAttempt } from '../../../transports/types.ts'
import type { Paint } from '../../color.ts'
import { portEvent, type Tell } from '../../connect-events.ts'
import type { Context } from '../../context.ts'
import { adviseOnDial } from '../../dial-advice.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import type { ConnectFlags } from '../connect.ts'
import { asWebSocket, readWebSocketDial } from '../websocket-options.ts'
import { readCredential, readDialOptions, readPortTargets } from './options.ts'
import { readConnectTls, underTls } from './tls.ts'

/** How many ports are tried at a time: quick, and no flood. */
const PARALLEL = 64

interface PortCheckWorld {
  readonly context: Context
  readonly paint: Paint
  /** Says what came of each, in place of lines. */
  readonly tell: Tell | undefined
}

/**
 * Runs `sockctl connect -z`. Lines are those of nc, on stderr: what answers with -v or on a
 * terminal, what does not with -v.
 *
 * @throws what kept the only port, or all of several, from answering
 */
export async function runPortCheck(
  words: readonly string[],
  flags: ConnectFlags,
  { context, paint, tell }: PortCheckWorld,
): Promise<number> {
  const { stderr } = context
  const targets = readPortTargets(words, flags).map(one => underTls(asWebSocket(one, flags), flags))
  const datagrams = targets.find(one => one.scheme === 'udp')
  if (datagrams !== undefined) {
    throw usageError('-z is for streams', `For datagrams: sockctl udp probe ${words.join(' ')}`)
  }
  rejectUselessToken(flags, targets)
  const [first] = targets
  const under = targets.find(isSecure) ?? first
  const tls = under && (await readConnectTls(flags, under, { context }))
  const isShown = (attempt: DialAttempt): boolean =>
    flags.verbose !== undefined ||
    (attempt.error === undefined && stderr.isTTY === true && !flags.quiet)
  const results = await checkPorts(targets, {
    dial: {
      ...(await readDialOptions(flags, context)),
      tls,
      credential: await readCredential(flags, context),
      websocket: await readWebSocketDial(flags, targets, context),
    },
    parallel: PARALLEL,
    onResult(result) {
      const { endpoint, attempts, error } = result
      if (tell !== undefined) {
        tell(portEvent(result, flags.proxy !== undefined))
        return
      }
      if (flags.proxy !== undefined && flags.verbose !== undefined) {
        stderr.write(`${describeThrough(endpoint, error, paint)}\n`)
        return
      }
      for (const attempt of attempts) {
        // An address that is connected to is not there yet: the handshake may have failed.
        const whole = { ...attempt, error: attempt.error ?? error }
        if (isShown(whole)) stderr.write(`${describe(endpoint, whole, paint)}\n`)
      }
    },
  })
  const failures = results.filter(one => one.error !== undefined)
  if (failures.length < results.length) return EXIT_CODES.ok.code
  throw summary(failures)
}

/** Elsewhere a token is the first line of a conversation, and -z has none. */
function rejectUselessToken({ token }: ConnectFlags, targets: readonly Endpoint[]): void {
  const mute = targets.find(({ scheme }) => abilitiesOf(scheme)?.framing !== 'message')
  if (token === undefined || mute === undefined) return
  throw usageError(
    `-z leaves ${formatEndpoint(mute)} without a byte, and it has no handshake with a place for a token`,
  )
}

function describe(endpoint: Endpoint, { address, error }: DialAttempt, paint: Paint): string {
  const { who, port, kind } = names(endpoint, address)
  if (error === undefined) {
    return `Connection to ${who}${port} port [${kind}] ${paint.good('succeeded')}!`
  }
  const place = port === '' ? who : `${who} port${port}`
  return `connect to ${place} (${endpoint.scheme}) ${paint.bad('failed')}: ${reason(error)}`
}

/** The addresses that were tried are those of the proxy: they say nothing about the port. */
function describeThrough(
  endpoint: Endpoint,
  error: SockctlError | undefined,
  paint: Paint,
): string {
  const where = terminalText(formatEndpoint(endpoint))
  return error === undefined
    ? `${where} through the proxy: ${paint.good('succeeded')}`
    : `${where}: ${paint.bad('failed')}: ${terminalText(error.message)}`
}

/** A host that was looked up is named with the literal address that was tried. */
function names(endpoint: Endpoint, address: Address) {
  if (!('host' in endpoint) || address.family === 'unix') {
    return { who: terminalText(formatAddress(address)), port: '', kind: endpoint.scheme }
  }
  const { host = 'localhost', port, scheme } = endpoint
  const literal = host === address.host ? '' : ` (${address.host})`
  return {
    who: terminalText(host) + literal,
    port: ` ${port}`,
    kind: `${scheme}/${serviceOfPort(port) ?? '*'}`,
  }
}

function reason(error: Error): string {
  if (['TimeoutError', 'AbortError'].includes(error.name)) return STRERROR.ETIMEDOUT
  const errno = errnoOf(error) ?? ''
  const known: Readonly<Record<string, string>> = STRERROR
  return known[errno] ?? terminalText(error.message)
}

/** The words of strerror(3), which scripts look for in what nc says. */
const STRERROR = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ETIMEDOUT: 'Connection timed out',
}

function summary(failures: readonly PortResult[]): SockctlError {
  const errors = failures.map(one => one.error).filter(one => one !== undefined)
  const [first, ...more] = errors
  const [endpoint] = failures.map(one => one.endpoint)
  if (first !== undefined && endpoint !== undefined && more.length === 0) {
    return adviseOnDial(first, endpoint)
  }
  const counts = Object.entries(REASONS).flatMap(([code, text]) => {
    const count = errors.filter(one => one.code === code).length
    return count === 0 ? [] : [`${count} ${text}`]
  })
  const isAlike = errors.every(one => one.code === first?.code)
  const isSilent = errors.every(({ code }) => code !== 'ERR_PROTOCOL')
  const text = isSilent
    ? `nobody listens on any of ${errors.length} ports`
    : `none of ${errors.length} ports is as it should be`
  return new SockctlError(
    isAlike && first !== undefined ? first.code : 'ERR_REFUSED',
    `${text}: ${counts.join(', ')}`,
  )
}

const REASONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ERR_REFUSED: 'refused',
  ERR_TIMEOUT: 'without an answer',
  ERR_NOT_FOUND: 'not found',
  ERR_DENIED: 'not permitted',
  ERR_PROTOCOL: 'without the handshake',
  ERR_USAGE: 'no socket',
  ERR_UNSUPPORTED: 'of another type',
  ERR_SYSTEM: 'failed on this machine',
}
