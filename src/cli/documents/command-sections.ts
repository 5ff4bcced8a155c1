import type {
  CommandDefinition,
  Example,
  OptionDefinition,
  OptionGroup,
} from '../commands/types.ts'
import type { Row, Section } from './types.ts'

/** How a command is typed, one line per form. */
export function usageRows({ name, usage }: CommandDefinition<never>): readonly Row[] {
  const forms = usage.length === 0 ? [''] : usage
  return forms.map((form): Row => [`sockctl ${name} ${form}`.trimEnd(), ''])
}

/** The examples with a shell's prompt in front. */
export function exampleRows(examples: readonly Example[]): readonly Row[] {
  return examples.map(({ command, what }): Row => [`$ ${command}`, what])
}

/** A section per group of options; groups without anything to show are left out. */
export function optionSections(groups: readonly OptionGroup[]): readonly Section[] {
  return groups
    .map(({ title, options }) => ({ title, rows: options.filter(isShown).map(optionRow) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) => ({ title, body: [rows] }))
}

function isShown(option: OptionDefinition): boolean {
  return option.hidden !== true
}

/** An option as it is shown: its flags; its text, its choices and its default. */
function optionRow(option: OptionDefinition): Row {
  const { flags, text, choices, defaultText } = option
  const oneOf = choices === undefined ? '' : ` (${listOf(choices)})`
  const value = defaultText ?? option.defaultValue
  const fallback = value === undefined || value === false ? '' : ` [default: ${value}]`
  return [flags, `${text}${oneOf}${fallback}`]
}

/** `a`, `a or b`, `a, b or c`. */
function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

/** The commands below a command, by their last word. */
export function subcommandRows({ subcommands = [] }: CommandDefinition<never>): readonly Row[] {
  return subcommands.map(({ name, summary }): Row => [lastWord(name), summary])
}

/** `listen` of `udp listen`. */
export function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1)
}

/** A summary inside a line: `what a script can rely on`. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
