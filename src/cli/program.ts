import { type SockctlError, usageError } from '../errors.ts'
import { closestWord } from '../terminal-text.ts'
import type { ColorWhen } from './color.ts'
import { COMMANDS } from './commands/index.ts'
import type { CommandDefinition, Invocation } from './commands/types.ts'
import type { Context } from './context.ts'

/** Finds the command that argv asks for, parses its flags and runs it; returns the exit code. */
export async function runProgram(argv: readonly string[], context: Context): Promise<number> {
  const { definition, invocation, color } = await readCommandLine(argv)
  if (invocation === undefined || definition?.run === undefined) {
    const help = await import('./help.ts')
    if (definition === undefined) return help.printRootHelp(context, color)
    return help.printCommandHelp(definition, context, color)
  }
  return definition.run(invocation, context)
}

/** What argv asks for. Without an invocation it is the help of the command, or of sockctl. */
export interface CommandLine {
  readonly definition?: CommandDefinition<never>
  readonly invocation?: Invocation<never>
  /** What --color said, for the help. */
  readonly color?: ColorWhen | undefined
}

/**
 * Finds the command that argv asks for and parses its flags; nothing is run.
 *
 * @throws ERR_USAGE
 */
export async function readCommandLine(argv: readonly string[]): Promise<CommandLine> {
  const { before, after } = splitAtDashes(argv)
  const [name, ...rest] = before
  if (name === undefined || name === '-h' || name === '--help') return {}
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name as keyof typeof COMMANDS] : undefined
  if (entry === undefined) throw unknownCommand(name)
  return readWords(await entry.load(), rest, after)
}

async function readWords(
  definition: CommandDefinition<never>,
  argv: readonly string[],
  trailing: readonly string[] | undefined,
): Promise<CommandLine> {
  const chosen = definition.subcommands?.find(one => one.name === `${definition.name} ${argv[0]}`)
  if (chosen !== undefined) return readWords(chosen, argv.slice(1), trailing)

  const { parseOptions } = await import('./option-parser.ts')
  const { words, flags, wantsHelp } = parseOptions(definition, argv)
  if (wantsHelp) return { definition, color: flags.color as ColorWhen | undefined }
  if (definition.run === undefined) throw missingSubcommand(definition, argv[0])
  if (trailing !== undefined && definition.takesCommand !== true) {
    throw usageError(`sockctl ${definition.name} takes no command after --`)
  }
  if (trailing?.length === 0) {
    throw usageError('no command follows --', `As in: sockctl ${definition.name} -- npm test`)
  }
  const command = trailing ?? []
  return { definition, invocation: { words, command, flags: flags as never, typed: argv } }
}

/** Everything after the first `--` belongs to the command that is to be run, unread. */
function splitAtDashes(argv: readonly string[]): { before: string[]; after?: string[] } {
  const at = argv.indexOf('--')
  if (at === -1) return { before: [...argv] }
  return { before: argv.slice(0, at), after: argv.slice(at + 1) }
}

function missingSubcommand(definition: CommandDefinition<never>, typed?: string): SockctlError {
  const names = (definition.subcommands ?? []).map(one => one.name.split(' ').at(-1) ?? one.name)
  const close = typed === undefined ? undefined : closestWord(typed, names)
  return usageError(
    typed === undefined
      ? `sockctl ${definition.name} needs one of: ${names.join(', ')}`
      : `unknown command "${definition.name} ${typed}" (there are ${names.join(', ')})`,
    ...(close === undefined ? [] : [`Did you mean sockctl ${definition.name} ${close}?`]),
    `See: sockctl ${definition.name} --help`,
  )
}

function unknownCommand(name: string): SockctlError {
  const close = closestWord(name, Object.keys(COMMANDS))
  if (close !== undefined) {
    return usageError(`unknown command "${name}"`, `Did you mean sockctl ${close}?`)
  }
  if (name.startsWith('-')) {
    return usageError(`unknown option "${name}"`, 'The command comes first. See: sockctl --help')
  }
  return usageError(
    `unknown command "${name}"`,
    /[:/\d]/.test(name)
      ? `To talk to it: sockctl connect ${name}. To listen there: sockctl serve ${name}`
      : 'See: sockctl --help',
  )
}
