import { formatEndpoint } from '../../../endpoint/format.ts'
import { parseEndpoint } from '../../../endpoint/parse.ts'
import { systemError, usageError } from '../../../errors.ts'
import { HANDLERS } from '../../../handlers/index.ts'
import type { Handler } from '../../../handlers/types.ts'
import { Room } from '../../../relay/room.ts'
import { ensureCommandExists } from '../../command-exists.ts'
import { splitWords } from '../../command-words.ts'
import type { Context } from '../../context.ts'
import { parseEscapes } from '../../escapes.ts'
import { optionName } from '../../option-name.ts'
import { openReceivedOutput } from '../../received-output.ts'
import { withoutVariables } from '../../secret.ts'
import type { ServeFlags } from '../serve.ts'

export interface ChosenHandler {
  readonly name: Choice
  /** For people: `echo`, `forward to tcp://localhost:3000`. */
  readonly title: string
  readonly handler: Handler
}

/**
 * Makes the one handler that the flags ask for; echo when none does.
 *
 * @throws ERR_USAGE when two are asked for; ERR_NOT_FOUND for a missing file or command
 */
export async function chooseHandler(flags: ServeFlags, context: Context): Promise<ChosenHandler> {
  const asked = CHOICES.filter(name => flags[name] !== undefined)
  if (asked.length > 1) {
    const names = asked.map(optionName)
    throw usageError(`one handler at a time: ${names.join(' and ')} were given`)
  }
  const [name = 'echo'] = asked
  checkModifiers(name, flags)
  return { name, ...(await MAKERS[name](flags, context)) }
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
  forward: ({ forward: texts = [] }) => {
    const targets = texts.map(text => parseEndpoint(text))
    return {
      title: `forward to ${targets.map(formatEndpoint).join(', ')}`,
      handler: HANDLERS.forward({ targets }),
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
} satisfies Record<
  string,
  (flags: ServeFlags, context: Context) => MadeHandler | Promise<MadeHandler>
>

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
  const { allow, allowFile, token, jwtSecret, jwks } = flags
  const isOpen = (allow ?? allowFile ?? token ?? jwtSecret ?? jwks) === undefined
  if (name === 'exec' && flags.public === true && isOpen) {
    throw usageError(
      '--exec --public would run a command for anyone on the network',
      'Say who may: --allow 192.168.1.0/24, or --token env:NAME',
    )
  }
}

async function readReply(file: string): Promise<Buffer> {
  try {
    const { readFile } = await import('node:fs/promises')
    return await readFile(file)
  } catch (error) {
    throw systemError(`cannot read ${file}`, error)
  }
}
