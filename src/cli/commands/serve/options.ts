import { AllowList } from '../../../access/allow-list.ts'
import { formatEndpoint } from '../../../endpoint/format.ts'
import { parseEndpoint, parseEndpoints } from '../../../endpoint/parse.ts'
import type { Endpoint, InetEndpoint } from '../../../endpoint/types.ts'
import { SockctlError } from '../../../errors.ts'
import { LAYERS } from '../../../layers/index.ts'
import type { Layer } from '../../../layers/types.ts'
import type { ServeOptions } from '../../../session/serve.ts'
import type { Context } from '../../context.ts'
import type { ServeFlags } from '../serve.ts'
import { chooseHandler } from './handler.ts'
import { type MadeCertificate, readServeTls, underTls } from './tls.ts'

export interface ServePlan {
  /** What is served, for people: `echo`, `forward to tcp://localhost:3000`. */
  readonly title: string
  readonly options: Omit<ServeOptions, 'onEvent'>
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
  const { allow = [], deny = [] } = flags
  const access = allow.length + deny.length > 0 ? new AllowList({ allow, deny }) : undefined
  const endpoints = underTls(readEndpoints(words, flags), flags)
  const { name, title, handler } = await chooseHandler(flags, context)
  const tls = await readServeTls(flags, endpoints, context)
  return {
    title,
    certificate: tls?.made,
    options: {
      endpoints,
      handler,
      layers: readLayers(flags, context),
      listen: {
        public: flags.public,
        family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : undefined,
        backlog: flags.backlog,
        // A unix socket's peer has no address: its file's permissions say who may in.
        admit:
          access &&
          (remote =>
            remote.family === 'unix' || access.check(remote.host) ? undefined : 'denied'),
        tls: tls?.options,
      },
      maxConns: flags.maxConns,
      accepts: flags.once ? 1 : flags.accepts,
      graceMs: flags.grace,
      // What is passed on, or is for a command, may well be TLS.
      remarksTls: name !== 'forward' && name !== 'exec',
    },
  }
}

function readEndpoints(words: readonly string[], flags: ServeFlags): Endpoint[] {
  const endpoints: Endpoint[] = parseEndpoints(words)
  if (flags.unix !== undefined) endpoints.push(parseEndpoint(`unix:${flags.unix}`))
  if (flags.port !== undefined || endpoints.length === 0) {
    endpoints.push({ scheme: 'tcp', host: undefined, port: flags.port ?? 0 })
  }
  const datagrams = endpoints.find((one): one is InetEndpoint => one.scheme === 'udp')
  if (datagrams !== undefined) {
    const { host = '', port } = datagrams
    throw new SockctlError('ERR_UNSUPPORTED', `serve does not speak ${formatEndpoint(datagrams)}`, {
      hints: [`For datagrams: sockctl udp listen ${host}:${port}`],
    })
  }
  return endpoints
}

function readLayers(flags: ServeFlags, context: Context): Layer[] {
  const layers: Layer[] = []
  if (flags.idle !== undefined) layers.push(LAYERS.idleTimeout(flags.idle))
  if (flags.maxBytes !== undefined) layers.push(LAYERS.maxBytes(flags.maxBytes))
  if (flags.rate !== undefined) layers.push(LAYERS.throttle(flags.rate))
  if (flags.hex === true) {
    layers.push(LAYERS.hexdump(line => context.stderr.write(`${line}\n`)))
  }
  return layers
}
