import { isIP } from 'node:net'
import { parseEndpoint, parseEndpoints } from '../../../endpoint/parse.ts'
import { parsePortTargets } from '../../../endpoint/port-list.ts'
import type { Endpoint, Scheme } from '../../../endpoint/types.ts'
import { usageError } from '../../../errors.ts'
import { LAYERS } from '../../../layers/index.ts'
import type { Layer } from '../../../layers/types.ts'
import type { ConnectOptions } from '../../../session/connect.ts'
import type { StopRules } from '../../../session/stop-rules.ts'
import { abilitiesOf } from '../../../transports/abilities.ts'
import type { DialOptions } from '../../../transports/types.ts'
import type { Context } from '../../context.ts'
import { readSecret } from '../../secret.ts'
import { sendParts } from '../../send-parts.ts'
import type { ConnectFlags } from '../connect.ts'
import { readThrough } from '../proxy-options.ts'
import { asWebSocket } from '../websocket-options.ts'
import { underTls } from './tls.ts'

/** Silence that ends a request and its reply when nothing else does. */
const REPLY_IDLE_MS = 500

/** How long a request waits for its reply when nothing is said. */
const REPLY_TIMEOUT_MS = 30_000

/** Where an end is not heard (datagrams), or takes what is on its way along (Socket.IO). */
const ENDLESS: Partial<Record<Scheme, string>> = {
  udp: 'UDP',
  socketio: 'Socket.IO',
  socketios: 'Socket.IO',
}

/** How long the last word of a peer is waited for where there is no end to tell, once all is sent. */
const LAST_WORD_MS = 1000

/** What the flags mean, but for the streams. */
export interface ConnectPlan {
  readonly endpoint: Endpoint
  /** For people, what it goes over, where nobody can say that this was all. */
  readonly endless: string | undefined
  readonly layers: readonly Layer[]
  readonly rules: StopRules
  readonly framing: ConnectOptions['framing']
  readonly sentFraming: ConnectOptions['sentFraming']
  /** Whether a file that is to be sent is one message. */
  readonly wholeFiles: boolean
  readonly reply: ConnectOptions['reply']
  readonly atInputEnd: ConnectOptions['atInputEnd']
  /** Where what we send comes from. */
  readonly source: 'flags' | 'stdin' | 'nothing'
}

/** @throws ERR_USAGE on what does not go together */
export function readConnectPlan(words: readonly string[], flags: ConnectFlags): ConnectPlan {
  const isRequest = sendParts(flags).length > 0
  const isSilenceFine = flags.reply === false
  const endpoint = asWebSocket(readEndpoint(words, flags), flags)
  const { scheme } = endpoint
  const { halfCloses = true, framing, isReliable } = abilitiesOf(scheme) ?? {}
  const endless = ENDLESS[scheme]
  const kind = { isRequest, hasEnd: endless === undefined, halfCloses }
  return {
    endpoint,
    endless,
    layers: flags.crlf ? [LAYERS.crlf()] : [],
    rules: readStopRules(flags, kind),
    framing: flags.framing,
    // What is given to --send is a message, however many lines it has, unless they are asked for.
    sentFraming: flags.framing ?? (isRequest ? 'chunks' : undefined),
    // A datagram has not the room.
    wholeFiles: flags.framing === undefined && framing === 'message' && isReliable === true,
    reply: isSilenceFine ? 'none' : isRequest ? 'required' : 'hoped-for',
    atInputEnd: readInputEnd(flags, kind),
    source: isRequest ? 'flags' : flags.stdin === false || flags.recvOnly ? 'nothing' : 'stdin',
  }
}

function readEndpoint(words: readonly string[], flags: ConnectFlags): Endpoint {
  const endpoints = flags.unix
    ? words.map(toUnix)
    : parseEndpoints(words, flags.udp ? 'udp' : 'tcp')
  const [endpoint, ...more] = endpoints
  if (endpoint === undefined) {
    throw usageError('connect where?', 'For example: sockctl connect localhost:8080')
  }
  if (more.length > 0) {
    throw usageError(
      `connect opens one connection, and these are ${endpoints.length} endpoints`,
      'To see which ports answer: sockctl connect -z',
    )
  }
  if ('port' in endpoint && endpoint.port === 0) {
    throw usageError('nobody can be reached on port 0', 'It stands for any port when listening.')
  }
  const under = underTls(endpoint, flags)
  return 'host' in under ? { ...under, host: under.host ?? 'localhost' } : under
}

/** What `-z` is to try. */
export function readPortTargets(words: readonly string[], flags: ConnectFlags): Endpoint[] {
  if (words.length === 0) {
    throw usageError('which ports?', 'For example: sockctl connect -z localhost 80 8000-8010')
  }
  return flags.unix ? words.map(toUnix) : parsePortTargets(words)
}

function toUnix(word: string): Endpoint {
  return parseEndpoint(word.startsWith('unix:') ? word : `unix:${word}`)
}

/** @throws ERR_USAGE; as `readSecret` for what the proxy asks for */
export async function readDialOptions(flags: ConnectFlags, context: Context): Promise<DialOptions> {
  const { source, sourcePort, sendProxy } = flags
  if (source !== undefined && isIP(source) === 0) {
    throw usageError(`option --source: "${source}" is not an IP address`)
  }
  return {
    timeoutMs: flags.connectTimeout,
    family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined,
    numeric: flags.numeric,
    localHost: source,
    localPort: sourcePort,
    ...(await readThrough(flags, context)),
    announce: sendProxy && { version: sendProxy },
  }
}

/** What to show at the door. Errors as `readSecret`. */
export async function readCredential(
  { token, quiet }: ConnectFlags,
  context: Context,
): Promise<string | undefined> {
  return token === undefined ? undefined : readSecret(token, context, { name: '--token', quiet })
}

interface ConversationKind {
  /** One request, and its reply. */
  readonly isRequest: boolean
  /** Whether one side can say that it says no more, and still hear the other. */
  readonly hasEnd: boolean
  /** Whether we can tell it so, and still hear it. */
  readonly halfCloses: boolean
}

function readStopRules(flags: ConnectFlags, kind: ConversationKind): StopRules {
  const { isRequest, hasEnd } = kind
  const { expect, lines, bytes, idle, untilClose, quitAfter, timeout } = flags
  const isSaid = [expect, lines, bytes, idle, untilClose].some(rule => rule !== undefined)
  // Who ends his side of a WebSocket hears little more: what came from stdin was a request.
  const isOpenEnded =
    hasEnd && !kind.halfCloses && !isRequest && !isSaid && flags.shutdown === undefined
  return {
    expect,
    lines,
    bytes,
    untilClose,
    idleMs: idle ?? (isRequest && !isSaid ? REPLY_IDLE_MS : undefined),
    settleMs: isOpenEnded ? REPLY_IDLE_MS : undefined,
    quitMs:
      quitAfter ??
      (isOpenEnded ? REPLY_TIMEOUT_MS : hasEnd || isRequest ? undefined : LAST_WORD_MS),
    timeoutMs: timeout ?? (isRequest ? REPLY_TIMEOUT_MS : undefined),
  }
}

/**
 * Input from stdin ends, and the peer is told. A request is no such end: who answers requests keeps
 * the connection open, and some hang up on a FIN before they have answered.
 */
function readInputEnd(
  flags: ConnectFlags,
  { isRequest, halfCloses }: ConversationKind,
): ConnectPlan['atInputEnd'] {
  if (flags.sendOnly) return 'close'
  if (flags.shutdown !== undefined) return flags.shutdown ? 'half-close' : 'keep-open'
  if (!halfCloses) return 'keep-open'
  return isRequest && flags.reply !== false ? 'keep-open' : 'half-close'
}
