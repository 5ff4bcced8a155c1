import { splitWords } from '../../src/cli/command-words.ts'
import { COMMANDS } from '../../src/cli/commands/index.ts'
import type { CommandDefinition, OptionDefinition } from '../../src/cli/commands/types.ts'

/** Every command and subcommand, loaded. */
export async function allDefinitions(): Promise<readonly CommandDefinition<never>[]> {
  const top = await Promise.all(Object.values(COMMANDS).map(entry => entry.load()))
  return top.flatMap(withSubcommands)
}

function withSubcommands(definition: CommandDefinition<never>): CommandDefinition<never>[] {
  return [definition, ...(definition.subcommands ?? []).flatMap(withSubcommands)]
}

/** The options of a command, out of their groups. */
export function optionsOf(definition: CommandDefinition<never>): readonly OptionDefinition[] {
  return definition.options.flatMap(group => group.options)
}

/**
 * The command lines of sockctl inside a line of shell, each as the words after `sockctl`. Knows
 * quotes, pipes, lists, redirections and substitutions; runs and expands nothing.
 */
export function sockctlWords(shellLine: string): readonly (readonly string[])[] {
  return splitCommands(shellLine)
    .map(command => splitWords(command.trim() || ':'))
    .flatMap(words => {
      const at = words.indexOf('sockctl')
      const isCommand = at !== -1 && words.slice(0, at).every(word => BEFORE_A_COMMAND.test(word))
      return isCommand ? [words.slice(at + 1)] : []
    })
}

const BEFORE_A_COMMAND = /^(\w+=.*|npx|exec|time|timeout|\d+|sudo|!|if|while|until|then|do|else)$/

/** Cuts at everything unquoted that ends a command. */
function splitCommands(line: string): string[] {
  const pieces: string[] = ['']
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const character = line[i] ?? ''
    const isQuote = character === "'" || character === '"'
    if (character === '\\' && quote !== "'") {
      pieces.push(`${pieces.pop()}${character}${line[++i] ?? ''}`)
      continue
    }
    if (isQuote && (quote === '' || quote === character)) quote = quote === '' ? character : ''
    if (quote !== "'" && character === '#' && /(^|\s)$/.test(pieces.at(-1) ?? '')) break
    if (quote === '' && /[|&;()<>`\n]/.test(character)) {
      // The 2 of 2>/dev/null is no word.
      if (/[<>]/.test(character)) pieces.push((pieces.pop() ?? '').replace(/(^|\s)\d$/, ''))
      pieces.push('')
    } else {
      pieces.push(`${pieces.pop()}${character}`)
    }
  }
  return pieces
}
