import { usageError } from '../../errors.ts'
import { closestWord } from '../../terminal-text.ts'
import { completionScript, SHELLS, type Shell } from '../completion/index.ts'
import type { Context } from '../context.ts'
import { EXIT_CODES } from '../exit-code.ts'
import type { CommandDefinition, Invocation } from './types.ts'

const SHELL_NAMES = Object.keys(SHELLS) as readonly Shell[]

/** `sockctl completion` */
export const completionCommand: CommandDefinition = {
  name: 'completion',
  summary: 'Print a script that completes sockctl in your shell',
  usage: ['bash | zsh | fish'],
  words: SHELL_NAMES,
  examples: [
    { command: 'source <(sockctl completion bash)', what: 'in this shell only' },
    {
      command: 'sockctl completion bash > ~/.local/share/bash-completion/completions/sockctl',
      what: 'for good; bash-completion reads it there',
    },
    {
      command: 'sockctl completion zsh > ~/.zsh/completions/_sockctl',
      what: 'for good; the folder has to be in fpath before compinit',
    },
    {
      command: 'sockctl completion fish > ~/.config/fish/completions/sockctl.fish',
      what: 'for good',
    },
  ],
  options: [],
  notes: [
    {
      title: 'What it completes',
      text: `Commands, topics, options, and the values of an option where there is a list of them; file names where an option takes a file, and after --. The script is complete in itself: sockctl is not run while you type. Print it again after an update.`,
    },
  ],
  run,
}

async function run({ words }: Invocation<never>, context: Context): Promise<number> {
  const [word, ...more] = words
  const shell = SHELL_NAMES.find(name => name === word)
  if (shell === undefined || more.length > 0) throw notOneShell(words)
  context.stdout.write(await completionScript(shell))
  return EXIT_CODES.ok.code
}

function notOneShell(words: readonly string[]): Error {
  const names = SHELL_NAMES.join(', ')
  const [word] = words
  if (word === undefined) return usageError(`for which shell? There are ${names}`)
  if (words.length > 1) return usageError(`one shell at a time (there are ${names})`)
  const close = closestWord(word, SHELL_NAMES)
  return usageError(
    `no completion for "${word}" (there are ${names})`,
    ...(close === undefined ? [] : [`Did you mean sockctl completion ${close}?`]),
  )
}
