import { COMMANDS } from '../commands/index.ts'
import type { CommandDefinition, OptionDefinition } from '../commands/types.ts'
import { lastWord } from '../documents/command-sections.ts'
import { readFlags } from '../documents/option-flags.ts'
import { ROOT_OPTIONS } from '../documents/root-sections.ts'
import { TOPICS } from '../topics/index.ts'
import type {
  CompletableCommand,
  CompletableOption,
  CompletableValue,
  CompletableWord,
} from './types.ts'

const HELP: OptionDefinition = { flags: '-h, --help', text: 'Show help' }

/** Loads all commands and turns them into what the shells have to know, the root first. */
export async function completableCommands(): Promise<readonly CompletableCommand[]> {
  const definitions = await Promise.all(Object.values(COMMANDS).map(entry => entry.load()))
  const root: CompletableCommand = {
    path: '',
    words: Object.entries(COMMANDS).map(([word, { summary }]) => ({ word, text: summary })),
    options: ROOT_OPTIONS.options.map(toOption),
    takesCommand: false,
  }
  return [root, ...definitions.flatMap(withSubcommands)]
}

function withSubcommands(definition: CommandDefinition<never>): readonly CompletableCommand[] {
  const { name, subcommands = [], options, takesCommand = false } = definition
  const shown = options.flatMap(group => group.options).filter(one => one.hidden !== true)
  const command: CompletableCommand = {
    path: name,
    words: wordsOf(definition),
    options: [...shown, HELP].map(toOption),
    takesCommand,
  }
  return [command, ...subcommands.flatMap(withSubcommands)]
}

function wordsOf({ subcommands, words = [] }: CommandDefinition<never>): CompletableWord[] {
  if (subcommands !== undefined) {
    return subcommands.map(({ name, summary }) => ({ word: lastWord(name), text: summary }))
  }
  const known: Readonly<Record<string, { readonly summary: string }>> = { ...COMMANDS, ...TOPICS }
  return words.map(word => ({ word, text: known[word]?.summary ?? '' }))
}

function toOption(option: OptionDefinition): CompletableOption {
  const { short, long } = readFlags(option)
  const { text, repeatable = false } = option
  return { short, long, text, value: toValue(option), repeatable }
}

function toValue(option: OptionDefinition): CompletableValue | undefined {
  const { value: name, isValueOptional: isOptional } = readFlags(option)
  if (name === undefined) return undefined
  const { choices = [] } = option
  if (choices.length > 0) return { name, kind: 'choice', choices, isOptional }
  const kind = KIND_OF[name] ?? 'free'
  return { name, kind, choices, isOptional }
}

/** What an option's value is, by the name that its definition gives it. */
const KIND_OF: Readonly<Record<string, CompletableValue['kind']>> = {
  file: 'file',
  path: 'file',
  dir: 'folder',
  folder: 'folder',
}
