import type { Message } from '../../channel/types.ts'
import type { Endpoint } from '../../endpoint/types.ts'
import { usageError } from '../../errors.ts'
import { parseHostName, parseOrigin } from '../../transports/websocket/admission.ts'
import type {
  WebSocketDialOptions,
  WebSocketListenOptions,
  WebSocketOptions,
} from '../../transports/websocket/types.ts'
import { parseDuration, parseSize } from '../../units.ts'
import type { Context } from '../context.ts'
import { optionName } from '../option-name.ts'
import { readSecret } from '../secret.ts'
import type { OptionDefinition, OptionGroup } from './types.ts'

/** What serve and connect both are given for WebSockets. */
interface WebSocketFlags {
  readonly ws?: true
  readonly subprotocol?: readonly string[]
  readonly ping?: number
  readonly compress?: true
  readonly maxMessage?: number
  readonly text?: true
  readonly binary?: true
}

/** What serve is given for WebSockets. */
export interface WebSocketServeFlags extends WebSocketFlags {
  readonly allowOrigin?: readonly string[]
  readonly allowHost?: readonly string[]
  /** False with --no-console. */
  readonly console?: boolean
}

/** What connect is given for WebSockets. */
export interface WebSocketConnectFlags extends WebSocketFlags {
  readonly header?: readonly Header[]
  readonly origin?: string
}

type Header = readonly [name: string, value: string]

const MAX_MESSAGE: OptionDefinition = {
  flags: '--max-message <size>',
  text: 'The largest message that is taken',
  parse: parseSize,
  defaultText: '16MiB',
}

const COMMON: readonly OptionDefinition[] = [
  {
    flags: '--ping <time>',
    text: 'Ping so often; who does not answer is gone',
    parse: parseDuration,
  },
  { flags: '--compress', text: 'Compress messages, where the peer does too' },
  { flags: '--text', text: 'Send bytes as text messages', conflicts: ['binary'] },
  { flags: '--binary', text: 'Send them as binary messages [default: text if it is UTF-8]' },
]

/** The options of serve for WebSockets that hold for Socket.IO as well. */
export const WEB_SERVE_OPTIONS: OptionGroup = {
  title: 'WebSocket and Socket.IO (ws://, wss://, socketio://, socketios://)',
  options: [
    {
      flags: '--allow-origin <origin>',
      text: 'Let pages of this origin in, as https://app.example; repeatable',
      parse: parseOrigin,
      repeatable: true,
    },
    {
      flags: '--allow-host <name>',
      text: 'Answer to this name too; repeatable',
      parse: parseHostName,
      repeatable: true,
    },
    MAX_MESSAGE,
  ],
}

/** The options of serve for WebSockets alone. */
export const WEBSOCKET_SERVE_OPTIONS: OptionGroup = {
  title: 'WebSocket (ws://, wss://)',
  options: [
    { flags: '--ws', text: 'What would be TCP is a WebSocket' },
    {
      flags: '--subprotocol <name>',
      text: 'Speak this subprotocol; repeatable, the first in common is taken',
      repeatable: true,
    },
    { flags: '--no-console', text: 'Give browsers no page to talk from' },
    ...COMMON,
  ],
}

/** The options of connect for WebSockets that hold for Socket.IO as well. */
export const WEB_CONNECT_OPTIONS: OptionGroup = {
  title: 'WebSocket and Socket.IO (ws://, wss://, socketio://, socketios://)',
  options: [
    {
      flags: '--header <header>',
      text: "Send with the handshake, as 'Name: value'; the value may be env:NAME or file:path",
      parse: parseHeader,
      repeatable: true,
    },
  ],
}

/** The options of connect for WebSockets alone. */
export const WEBSOCKET_CONNECT_OPTIONS: OptionGroup = {
  title: 'WebSocket (ws://, wss://)',
  options: [
    { flags: '--ws', text: 'What would be TCP is a WebSocket' },
    {
      flags: '--subprotocol <name>',
      text: 'Offer this subprotocol; repeatable',
      repeatable: true,
    },
    { flags: '--origin <origin>', text: 'Pretend to be a page of this origin' },
    MAX_MESSAGE,
    ...COMMON,
  ],
}

/** Makes of TCP endpoints those of WebSockets where `--ws` says so. */
export function asWebSocket(endpoint: Endpoint, { ws }: WebSocketFlags): Endpoint {
  if (ws === undefined || (endpoint.scheme !== 'tcp' && endpoint.scheme !== 'tls')) return endpoint
  return { ...endpoint, scheme: endpoint.scheme === 'tcp' ? 'ws' : 'wss', path: '/' }
}

/** @throws ERR_USAGE when something was given that no endpoint is for */
export function readWebSocketListen(
  flags: WebSocketServeFlags,
  endpoints: readonly Endpoint[],
): WebSocketListenOptions | undefined {
  const reach: Reach<WebSocketServeFlags> = {
    keys: ['allowOrigin', 'allowHost'],
    alsoSocketIo: ['allowOrigin', 'allowHost', 'maxMessage'],
  }
  if (!isWanted(flags, reach, endpoints)) return undefined
  const { allowOrigin, allowHost } = flags
  return {
    ...readCommon(flags),
    allowOrigins: allowOrigin,
    allowHosts: allowHost,
    console: flags.console !== false,
  }
}

/** @throws ERR_USAGE when something was given that no endpoint is for; what `readSecret` throws */
export async function readWebSocketDial(
  flags: WebSocketConnectFlags & { readonly quiet?: true },
  endpoints: readonly Endpoint[],
  context: Context,
): Promise<WebSocketDialOptions | undefined> {
  const reach: Reach<WebSocketConnectFlags> = {
    keys: ['header', 'origin'],
    alsoSocketIo: ['header'],
  }
  if (!isWanted(flags, reach, endpoints)) return undefined
  const { header = [], origin, quiet } = flags
  const headers = await Promise.all(header.map(one => readHeader(one, context, quiet)))
  return { ...readCommon(flags), headers, origin }
}

function readCommon(flags: WebSocketFlags): WebSocketOptions {
  return {
    subprotocols: flags.subprotocol,
    pingMs: flags.ping,
    compress: flags.compress,
    maxMessageBytes: flags.maxMessage,
    kind: kindOf(flags),
  }
}

function kindOf({ text, binary }: WebSocketFlags): Message['kind'] | undefined {
  return text ? 'text' : binary ? 'binary' : undefined
}

const COMMON_KEYS = ['subprotocol', 'ping', 'compress', 'maxMessage', 'text', 'binary'] as const

/** What flags there are for one direction, and which of all of them hold for Socket.IO too. */
interface Reach<Flags> {
  readonly keys: readonly (keyof Flags)[]
  readonly alsoSocketIo: readonly (keyof Flags)[]
}

function isWanted<Flags extends WebSocketFlags>(
  flags: Flags,
  { keys, alsoSocketIo }: Reach<Flags>,
  endpoints: readonly Endpoint[],
): boolean {
  const has = (...schemes: readonly string[]): boolean =>
    endpoints.some(({ scheme }) => schemes.includes(scheme))
  if (has('ws', 'wss')) return true
  if (flags.ws) throw usageError('--ws is for TCP, and no endpoint is one of TCP')
  const isSocketIo = has('socketio', 'socketios')
  const given = [...COMMON_KEYS, ...keys].find(
    key => flags[key] !== undefined && !(isSocketIo && alsoSocketIo.includes(key)),
  )
  if (given === undefined) return isSocketIo
  throw usageError(
    `${optionName(String(given))} is for WebSockets`,
    'Write ws://host:port, or add --ws.',
  )
}

/** RFC 9110 §5.1 and §5.5. */
function parseHeader(text: string): Header {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*$/.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw usageError('not a header', "Write 'Name: value'.")
  }
  return [name, value]
}

/** A header may carry a secret: `Bearer env:TOKEN`, or all of it. */
async function readHeader(
  [name, value]: Header,
  context: Context,
  quiet: true | undefined,
): Promise<Header> {
  const [, scheme = '', secret = ''] = /^((?:Bearer|Basic) +)?(.*)$/i.exec(value) ?? []
  const isSecret = /^(?:authorization|cookie|proxy-authorization)$/i.test(name)
  if (!isSecret && !/^(?:env|file):/.test(secret)) return [name, value]
  const read = await readSecret(secret, context, { name: `--header ${name}`, quiet })
  if (/[\r\n\0]/.test(read)) throw usageError(`--header ${name}: a header is one line`)
  return [name, `${scheme}${read}`]
}
