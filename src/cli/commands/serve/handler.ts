import { formatEndpoint } from '../../../endpoint/format.ts'
import { parseEndpoint } from '../../../endpoint/parse.ts'
import type { Endpoint } from '../../../endpoint/types.ts'
import { SockctlError, systemError, usageError } from '../../../errors.ts'
import { HANDLERS } from '../../../handlers/index.ts'
import type { Handler } from '../../../handlers/types.ts'
import { Room } from '../../../relay/room.ts'
import { ensureCommandExists } from '../../command-exists.ts'
import { splitWords } from '../../command-words.ts'
import type { Context } from '../../context.ts'
import { parseEscapes } from '../../escapes.ts'
import { mayBeReached } from '../../exposure.ts'
import { optionName } from '../../option-name.ts'
import { openReceivedOutput } from '../../received-output.ts'
import { withoutVariables } from '../../secret.ts'
import type { ServeFlags } from '../serve.ts'
import type { ProxyPlan } from './proxy-settings.ts'

export interface ChosenHandler {
  readonly name: Choice
  /** For people: `echo`, `forward to tcp://localhost:3000`. */
  readonly title: string
  readonly handler: Handler
}

/**
 * Makes the one handler that the flags ask for; echo when none does.
 *
 * @param endpoints where it is served
 * @throws ERR_USAGE when two are asked for; ERR_NOT_FOUND for a missing file or command
 */
export async function chooseHandler(
  flags: ServeFlags,
  endpoints: readonly Endpoint[],
  context: Context,
): Promise<ChosenHandler> {
  const asked = CHOICES.filter(name => flags[name] !== undefined)
  if (asked.length > 1) {
    const names = asked.map(optionName)
    throw usageError(`one handler at a time: ${names.join(' and ')} were given`)
  }
  const [name = 'echo'] = asked
  checkModifiers(name, flags)
  checkExposure(name, flags, endpoints)
  return { name, ...(await MAKERS[name](flags, context, endpoints)) }
}

const MAKERS = {
  echo: () => ({ title: 'echo', handler: HANDLERS.echo() }),
  discard: () => ({ title: 'discard', handler: HANDLERS.discard() }),
  hang: () => ({ title: 'hang', handler: HANDLERS.hang() }),
  chargen: () => ({ title: 'chargen', handler: HANDLERS.chargen() }),
  reply: ({ reply: text = '' }) => ({
    title: 'reply',
    handler: HANDLERS.reply({ data: parseEscapes(text) }),
  }),
  replyFile: async ({ replyFile: file = '' }) => ({
    title: `reply with ${file}`,
    handler: HANDLERS.reply({ data: await readReply(file) }),
  }),
  attach: async (_, { stdin, stdout }) => {
    const { stream } = await openReceivedOutput(stdout, {})
    return { title: 'attach', handler: HANDLERS.attach({ input: stdin, output: stream }) }
  },
  relay: ({ slow = 'block', lines = false }) => ({
    title: 'relay',
    handler: HANDLERS.relay({ room: new Room({ policy: slow }), lines }),
  }),
  socksProxy: async (flags, context, endpoints) => {
    const { settings, remark } = await readProxy(flags, context, endpoints)
    return { title: `SOCKS proxy${remark}`, handler: HANDLERS['socks-proxy'](settings) }
  },
  httpProxy: async (flags, context, endpoints) => {
    const { settings, remark } = await readProxy(flags, context, endpoints)
    return { title: `HTTP proxy${remark}`, handler: HANDLERS['http-proxy'](settings) }
  },
  forward: ({ forward: texts = [], balance, health: healthMs, proxy }) => {
    const targets = texts.map(text => parseEndpoint(text))
    const astray = targets.find(({ scheme }) => ['unix', 'udp'].includes(scheme))
    if (proxy !== undefined && astray !== undefined) {
      throw new SockctlError(
        'ERR_UNSUPPORTED',
        `cannot forward to ${formatEndpoint(astray)} through a proxy: only what goes over TCP can`,
      )
    }
    return {
      title: `forward to ${targets.map(formatEndpoint).join(', ')}`,
      handler: HANDLERS.forward({ targets, balance, healthMs }),
    }
  },
  exec: ({ exec: line = '', shell, token = [], jwtSecret = '', key = '' }, context) => {
    const { stderr } = context
    // It talks to strangers: it does not get what they have to know to come in.
    const env = withoutVariables(context.env, [...token, jwtSecret, key])
    const command = shell === true ? ['/bin/sh', '-c', line] : splitWords(line)
    ensureCommandExists(command[0] ?? '', env.PATH)
    return { title: `exec ${line}`, handler: HANDLERS.exec({ command, env, stderr }) }
  },
} satisfies Record<string, Maker<MadeHandler | Promise<MadeHandler>>>

type Maker<T> = (flags: ServeFlags, context: Context, endpoints: readonly Endpoint[]) => T

type MadeHandler = Omit<ChosenHandler, 'name'>

type Choice = keyof typeof MAKERS

const CHOICES = Object.keys(MAKERS) as readonly Choice[]

/** Flags that only make sense with one handler. */
function checkModifiers(name: Choice, flags: ServeFlags): void {
  if (flags.shell === true && name !== 'exec') throw usageError('--shell goes with --exec')
  if (flags.lines === true && name !== 'relay') throw usageError('--lines goes with --relay')
  if (flags.slow !== undefined && name !== 'relay') throw usageError('--slow goes with --relay')
  if (flags.json === true && name === 'attach') {
    throw usageError('--json and --attach both want stdout')
  }
  checkConnecting(name, flags)
}

/** Those that connect somewhere, and so have a say in how. */
const CONNECTING: readonly Choice[] = ['forward', 'socksProxy', 'httpProxy']

function checkConnecting(name: Choice, flags: ServeFlags): void {
  const isProxy = name === 'socksProxy' || name === 'httpProxy'
  if (name !== 'forward') {
    if (flags.balance !== undefined) throw usageError('--balance goes with --forward')
    if (flags.health !== undefined) throw usageError('--health goes with --forward')
    if (flags.sendProxy !== undefined) throw usageError('--send-proxy goes with --forward')
  }
  if (!isProxy) {
    const hint = 'To log in at the proxy of --proxy: --proxy socks5://env:NAME@host'
    if (flags.proxyAuth !== undefined) {
      throw usageError('--proxy-auth goes with --socks-proxy or --http-proxy', hint)
    }
    if (flags.proxyTo !== undefined) {
      throw usageError('--proxy-to goes with --socks-proxy or --http-proxy')
    }
  }
  if (flags.proxy !== undefined && !CONNECTING.includes(name)) {
    throw usageError('--proxy goes with --forward, --socks-proxy or --http-proxy')
  }
}

/** What gives strangers a command, or a way through this machine, has to say to whom. */
function checkExposure(name: Choice, flags: ServeFlags, endpoints: readonly Endpoint[]): void {
  const { allow, allowFile, token, jwtSecret, jwks, proxyAuth } = flags
  const isOpen = (allow ?? allowFile ?? token ?? jwtSecret ?? jwks ?? proxyAuth) === undefined
  const risk = {
    exec: 'run a command',
    socksProxy: 'open connections',
    httpProxy: 'open connections',
  }
  const danger = name in risk ? risk[name as keyof typeof risk] : undefined
  // Who hands over a socket has chosen where it stands.
  const ours = endpoints.filter(endpoint => endpoint.scheme !== 'fd')
  if (danger === undefined || !isOpen || !mayBeReached(ours, flags.public)) return
  const orElse = name === 'exec' ? '--token env:NAME' : '--proxy-auth env:NAME'
  const where = flags.public === true ? '--public' : `on ${ours.map(formatEndpoint).join(' and ')}`
  throw usageError(
    `${optionName(name)} ${where} would ${danger} for anyone on the network`,
    `Say who may: --allow 192.168.1.0/24, or ${orElse}`,
  )
}

/** What only a proxy needs is loaded there. */
const readProxy: Maker<Promise<ProxyPlan>> = async (flags, context, endpoints) =>
  (await import('./proxy-settings.ts')).readProxySettings(flags, endpoints, context)

async function readReply(file: string): Promise<Buffer> {
  try {
    const { readFile } = await import('node:fs/promises')
    return await readFile(file)
  } catch (error) {
    throw systemError(`cannot read ${file}`, error)
  }
}
