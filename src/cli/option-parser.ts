import { Command, CommanderError, Option } from 'commander'
import { SockctlError, usageError } from '../errors.ts'
import { closestWord } from '../terminal-text.ts'
import type { CommandDefinition, OptionDefinition } from './commands/types.ts'

/** What commander made of the words after a command's name. */
export interface ParsedOptions {
  readonly words: readonly string[]
  /** One key per option, in camelCase. */
  readonly flags: Readonly<Record<string, unknown>>
  /** Whether `--help` stood there; the rest was not read then. */
  readonly wantsHelp: boolean
}

/**
 * Parses the flags of one command with commander, as the parser alone: the texts and the exit codes
 * are ours. A module of its own, because commander costs 3 ms that `sockctl --help` can do without.
 *
 * @throws ERR_USAGE
 */
export function parseOptions(
  definition: CommandDefinition<never>,
  argv: readonly string[],
): ParsedOptions {
  const parser = createParser(definition)
  try {
    parser.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code !== 'commander.helpDisplayed') throw fromCommander(error, definition)
    return { words: [], flags: parser.opts(), wantsHelp: true }
  }
  return { words: parser.args, flags: parser.opts(), wantsHelp: false }
}

function createParser(definition: CommandDefinition<never>): Command {
  const parser = new Command(definition.name)
    .argument('[words...]')
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .configureHelp({ formatHelp: () => '' })
    .helpOption('-h, --help')
  for (const group of definition.options) {
    for (const option of group.options) parser.addOption(createOption(option))
  }
  return parser
}

function createOption(definition: OptionDefinition): Option {
  const option = new Option(definition.flags, definition.text)
  if (definition.defaultValue !== undefined) option.default(definition.defaultValue)
  if (definition.conflicts !== undefined) option.conflicts([...definition.conflicts])
  const { parse = (text: string) => text, choices, repeatable } = definition
  const takesValue = option.required || option.optional
  if (takesValue) {
    option.argParser((text: string, previous: unknown) => {
      const value = named(definition, () => parse(oneOf(choices, text)))
      return repeatable === true ? [...asArray(previous), value] : value
    })
  } else if (repeatable === true) {
    // A switch that counts: -v, -vv. commander hands "" for each time it stands there.
    option.argParser((_: string, previous: unknown) => (Number(previous) || 0) + 1)
  }
  return option
}

function asArray(previous: unknown): readonly unknown[] {
  return Array.isArray(previous) ? previous : []
}

function oneOf(choices: readonly string[] | undefined, text: string): string {
  if (choices === undefined || choices.includes(text)) return text
  const close = closestWord(text, choices)
  throw usageError(
    `"${text}" is not one of ${choices.join(', ')}`,
    ...(close === undefined ? [] : [`Did you mean ${close}?`]),
  )
}

/** Puts the flag in front of what its parser has to complain about. */
function named<T>(definition: OptionDefinition, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof SockctlError)) throw error
    const flag = definition.flags.split(', ').at(-1) ?? definition.flags
    throw new SockctlError(error.code, `option ${flag}: ${error.message}`, {
      cause: error,
      hints: [...error.hints],
    })
  }
}

function fromCommander(error: CommanderError, definition: CommandDefinition<never>): SockctlError {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1')
  return usageError(
    first,
    ...(hint === undefined ? [] : [hint]),
    `See: sockctl ${definition.name} --help`,
  )
}
