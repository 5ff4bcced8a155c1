import { writeBash } from './bash.ts'
import { completableCommands } from './completable.ts'
import { writeFish } from './fish.ts'
import type { ScriptWriter } from './types.ts'
import { writeZsh } from './zsh.ts'

/** The shells that can complete sockctl. A new one is registered here. */
export const SHELLS = {
  bash: writeBash,
  zsh: writeZsh,
  fish: writeFish,
} satisfies Record<string, ScriptWriter>

export type Shell = keyof typeof SHELLS

/** Writes the completion script of a shell, from the definitions of all commands. */
export async function completionScript(shell: Shell): Promise<string> {
  return SHELLS[shell](await completableCommands())
}
