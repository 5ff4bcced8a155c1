/*
 * Completion scripts are written from the command definitions, one file of this folder per shell,
 * registered in `index.ts`. A script is complete in itself: sockctl does not run while one types.
 */

/** Writes the script of one shell. */
export type ScriptWriter = (commands: readonly CompletableCommand[]) => string

/** One command, or the root, as the shells have to know it. */
export interface CompletableCommand {
  /** As typed after `sockctl`: `''`, `serve`, `udp listen`. */
  readonly path: string
  /** What the word after it may be. Empty: anything, so nothing can be offered. */
  readonly words: readonly CompletableWord[]
  readonly options: readonly CompletableOption[]
  /** Whether `-- command` may follow. */
  readonly takesCommand: boolean
}

export interface CompletableWord {
  readonly word: string
  readonly text: string
}

export interface CompletableOption {
  /** With its dash; at least one of the two forms is there. */
  readonly short: string | undefined
  readonly long: string | undefined
  readonly text: string
  /** Undefined: a switch. */
  readonly value: CompletableValue | undefined
  readonly repeatable: boolean
}

export interface CompletableValue {
  /** What it is called: `file`, `time`. */
  readonly name: string
  readonly kind: 'file' | 'folder' | 'choice' | 'free'
  /** Empty unless the kind is `choice`. */
  readonly choices: readonly string[]
  readonly isOptional: boolean
}
