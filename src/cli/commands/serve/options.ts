import { parseEndpoint, parseEndpoints } from '../../../endpoint/parse.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { SockctlError } from '../../../errors.ts'
import { LAYERS } from '../../../layers/index.ts'
import type { Layer } from '../../../layers/types.ts'
import type { ServeOptions } from '../../../session/serve.ts'
import { abilitiesOf, suits } from '../../../transports/abilities.ts'
import { dial } from '../../../transports/index.ts'
import type { Context } from '../../context.ts'
import { optionName } from '../../option-name.ts'
import { readForwardTls } from '../forward-options.ts'
import { readThrough } from '../proxy-options.ts'
import type { ServeFlags } from '../serve.ts'
import { readSocketIo } from '../socketio-options.ts'
import { asWebSocket, readWebSocketListen } from '../websocket-options.ts'
import { type AccessPlan, readAccess } from './access.ts'
import { type ChosenHandler, chooseHandler } from './handler.ts'
import { type MadeCertificate, readServeTls, underTls } from './tls.ts'

export interface ServePlan {
  /** What is served, for people: `echo`, `forward to tcp://localhost:3000`. */
  readonly title: string
  readonly options: Omit<ServeOptions, 'onEvent'>
  /** Reads the files again that say who may come in, where there are any. */
  readonly reload: AccessPlan['reload']
  /** The certificate that was made for it, where one was. */
  readonly certificate: MadeCertificate | undefined
}

/**
 * Turns flags and words into what a session needs.
 *
 * @throws ERR_USAGE on what does not go together; ERR_NOT_FOUND when a file or command is missing
 */
export async function readServeOptions(
  words: readonly string[],
  flags: ServeFlags,
  context: Context,
): Promise<ServePlan> {
  const access = await readAccess(flags, context)
  const endpoints = underTls(readEndpoints(words, flags), flags)
  const { name, title, handler } = await chooseHandler(flags, endpoints, context)
  ensureSuited(name, endpoints)
  const tls = await readServeTls(flags, endpoints, context)
  const { mayStay } = access
  return {
    title,
    reload: access.reload,
    certificate: tls?.made,
    options: {
      endpoints,
      handler,
      layers: readLayers(flags, context),
      listen: {
        public: flags.public,
        family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined,
        backlog: flags.backlog,
        ...access.listen,
        tls: tls?.options,
        websocket: readWebSocketListen(flags, endpoints),
        socketio: readSocketIo(flags, endpoints),
      },
      ...(await readDialling(flags, context)),
      ...(mayStay === undefined ? {} : { mayStay }),
      maxConns: flags.maxConns,
      accepts: flags.once ? 1 : flags.accepts,
      graceMs: flags.grace,
      // What is passed on, or is for a command, may well be TLS.
      remarksTls: name !== 'forward' && name !== 'exec',
      framing: flags.framing,
    },
  }
}

/** How handlers open connections. */
async function readDialling(
  // Here --proxy-auth is what clients of our own proxy must show.
  { proxyAuth: _, sendProxy, connectTimeout: timeoutMs, ...flags }: ServeFlags,
  context: Context,
): Promise<Pick<ServeOptions, 'dial' | 'sendProxy'>> {
  const through = await readThrough(flags, context)
  const tls = await readForwardTls(flags, context)
  return {
    sendProxy,
    dial: (endpoint, options) => dial(endpoint, { timeoutMs, tls, ...through, ...options }),
  }
}

function readEndpoints(words: readonly string[], flags: ServeFlags): Endpoint[] {
  const endpoints: Endpoint[] = parseEndpoints(words)
  if (flags.unix !== undefined) endpoints.push(parseEndpoint(`unix:${flags.unix}`))
  if (flags.port !== undefined || endpoints.length === 0) {
    endpoints.push({ scheme: 'tcp', host: undefined, port: flags.port ?? 0 })
  }
  return endpoints.map(endpoint => asWebSocket(endpoint, flags))
}

/** @throws ERR_UNSUPPORTED when the handler does nothing over one of the transports */
function ensureSuited(name: ChosenHandler['name'], endpoints: readonly Endpoint[]): void {
  const option = optionName(name)
  const handler = option.replace(/^--/, '')
  for (const { scheme } of endpoints) {
    const abilities = abilitiesOf(scheme)
    if (abilities === undefined || suits(handler, abilities)) continue
    throw new SockctlError(
      'ERR_UNSUPPORTED',
      `${option} is spoken to in bytes, and ${scheme}:// carries messages`,
      { hints: ['Write tcp://host:port or tls://host:port.'] },
    )
  }
}

function readLayers(flags: ServeFlags, context: Context): Layer[] {
  const layers: Layer[] = []
  if (flags.firstByte !== undefined) layers.push(LAYERS.firstByte(flags.firstByte))
  if (flags.idle !== undefined) layers.push(LAYERS.idleTimeout(flags.idle))
  if (flags.maxBytes !== undefined) layers.push(LAYERS.maxBytes(flags.maxBytes))
  if (flags.rate !== undefined) layers.push(LAYERS.throttle(flags.rate))
  if (flags.hex === true) {
    layers.push(LAYERS.hexdump(line => context.stderr.write(`${line}\n`)))
  }
  return layers
}
