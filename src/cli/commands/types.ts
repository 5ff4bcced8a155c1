import type { Context } from '../context.ts'

/**
 * A command as data: its flags, words and examples. commander's parser, `--help`, the man page, the
 * completion scripts and the README's reference are all made from it, so they cannot disagree.
 * Commands are registered in `index.ts`.
 *
 * @typeParam Flags what the parser hands to `run`: one key per option, in camelCase
 */
export interface CommandDefinition<Flags = never> {
  /** As typed: `serve`, `udp listen`. */
  readonly name: string
  /** One line, shown in the list of commands. Starts with a verb, no full stop. */
  readonly summary: string
  /** What follows the name, in the grammar `<placeholder> [optional] a | b ...`. */
  readonly usage: readonly string[]
  readonly examples: readonly Example[]
  readonly options: readonly OptionGroup[]
  /** Prose for the man page, and below the options in `--help` where `inHelp` is set. */
  readonly notes?: readonly Note[]
  /** Whether `-- command` may follow. */
  readonly takesCommand?: boolean
  readonly subcommands?: readonly CommandDefinition<never>[]
  /** What the first word may be, where there is a list of it: for the completion scripts. */
  readonly words?: readonly string[]
  /** Reads the flags, does the work, and returns the exit code. Absent: a subcommand must follow. */
  run?(invocation: Invocation<Flags>, context: Context): Promise<number>
}

/** What was typed, split but not yet understood. */
export interface Invocation<Flags> {
  /** The words that are not options. */
  readonly words: readonly string[]
  /** What stood after `--`. */
  readonly command: readonly string[]
  readonly flags: Flags
  /** All of it as typed after the command's name, for advice that repeats it. */
  readonly typed: readonly string[]
}

export interface Example {
  /** Without the `$ `. */
  readonly command: string
  /** What it is for, in a few words. */
  readonly what: string
}

export interface OptionGroup {
  /** A heading that answers a question: `Limits`, `Handler: what to do with a connection`. */
  readonly title: string
  readonly options: readonly OptionDefinition[]
}

export interface OptionDefinition {
  /** In commander's notation: `-q, --quiet`, `--idle <time>`, `--tls-name [host]`. */
  readonly flags: string
  /** One or two lines for `--help`. Starts with a verb or a noun, no full stop. */
  readonly text: string
  /** Turns what was typed into a value. Throws ERR_USAGE; the flag's name is put in front. */
  readonly parse?: (text: string) => unknown
  readonly choices?: readonly string[]
  readonly defaultValue?: string | number | boolean
  /** How the default is shown, where its value is not what one would type: `2s` for 2000. */
  readonly defaultText?: string
  /** May be given several times: the values come as an array. */
  readonly repeatable?: boolean
  /** Other options, by camelCase name, that cannot go with this one. */
  readonly conflicts?: readonly string[]
  /** Accepted for the sake of people's fingers and old scripts, not shown in `--help`. */
  readonly hidden?: boolean
}

export interface Note {
  readonly title: string
  /** Paragraphs, separated by empty lines. A line that starts with two blanks is kept as it is. */
  readonly text: string
  readonly inHelp?: boolean
}

/** A row of the table of commands: enough to list it without loading it. */
export interface CommandEntry {
  readonly summary: string
  load(): Promise<CommandDefinition<never>>
}
