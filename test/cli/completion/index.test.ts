import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands/index.ts'
import { writeBash } from '../../../src/cli/completion/bash.ts'
import { writeFish } from '../../../src/cli/completion/fish.ts'
import { completionScript, SHELLS, type Shell } from '../../../src/cli/completion/index.ts'
import type { CompletableCommand, CompletableOption } from '../../../src/cli/completion/types.ts'
import { writeZsh } from '../../../src/cli/completion/zsh.ts'
import { readFlags } from '../../../src/cli/documents/option-flags.ts'
import { allDefinitions, optionsOf } from '../../support/definitions.ts'
import { hasPeer } from '../../support/peers.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-completion-'))
const shells = Object.keys(SHELLS) as Shell[]

/** Commands that have everything a script has to deal with. */
const EXAMPLE: readonly CompletableCommand[] = [
  {
    path: '',
    words: [word('serve'), word('udp'), word('help')],
    options: [option('--help'), option('--version')],
    takesCommand: false,
  },
  {
    path: 'serve',
    words: [],
    options: [
      option('--port', 'free'),
      option('--cert', 'file'),
      option('--root', 'folder'),
      { ...option('--color', 'choice', ['auto', 'always', 'never']), short: '-c' },
      option('--watch', 'free', [], true),
      { ...option('--public'), text: 'It\'s [the] 50% \\ of: `all` $HOME "doors"' },
    ],
    takesCommand: true,
  },
  {
    path: 'udp',
    words: [word('listen'), word('send')],
    options: [option('--help')],
    takesCommand: false,
  },
  { path: 'udp listen', words: [], options: [option('--echo')], takesCommand: false },
  { path: 'udp send', words: [], options: [option('--count', 'free')], takesCommand: false },
  { path: 'help', words: [word('serve'), word('states')], options: [], takesCommand: false },
]

/** What is typed up to the cursor, and what is offered. Files are those of `folder`. */
const OFFERS: readonly (readonly [typed: string, offered: readonly string[]])[] = [
  ['sockctl ', ['help', 'serve', 'udp']],
  ['sockctl se', ['serve']],
  ['sockctl --v', ['--version']],
  ['sockctl udp ', ['listen', 'send']],
  ['sockctl udp l', ['listen']],
  ['sockctl udp listen --', ['--echo']],
  ['sockctl udp send --', ['--count']],
  ['sockctl help s', ['serve', 'states']],
  ['sockctl serve --p', ['--port', '--public']],
  ['sockctl serve :80 --p', ['--port', '--public']],
  ['sockctl serve --color ', ['always', 'auto', 'never']],
  ['sockctl serve -c a', ['always', 'auto']],
  ['sockctl serve --port ', []],
  ['sockctl serve --port 80 --ro', ['--root']],
  ['sockctl serve --cert o', ['one file.pem', 'other']],
  ['sockctl serve --root o', ['other']],
  ['sockctl serve -- cat on', ['one file.pem']],
]

beforeAll(() => {
  writeFileSync(join(folder, 'one file.pem'), '')
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'example.bash'), writeBash(EXAMPLE))
  writeFileSync(join(folder, 'example.zsh'), writeZsh(EXAMPLE))
  writeFileSync(join(folder, 'example.fish'), writeFish(EXAMPLE))
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('completionScript', () => {
  it.each(shells)('names every command and every option for %s', async shell => {
    const script = await completionScript(shell)
    for (const name of Object.keys(COMMANDS)) expect(script).toMatch(new RegExp(`\\b${name}\\b`))
    for (const definition of await allDefinitions()) {
      for (const one of optionsOf(definition).filter(({ hidden }) => hidden !== true)) {
        const { long, short = '' } = readFlags(one)
        expect(script).toContain(
          shell === 'fish' ? (long ?? short).replace(/^-+/, '') : (long ?? short),
        )
      }
    }
  })

  for (const shell of shells) {
    it.skipIf(!hasPeer(shell))(`is sound in the eyes of ${shell}`, async () => {
      const file = join(folder, `sockctl.${shell}`)
      writeFileSync(file, await completionScript(shell))
      expect(execFileSync(shell, ['-n', file], { encoding: 'utf8', stdio: 'pipe' })).toBe('')
    })
  }
})

describe('writeBash', () => {
  it.skipIf(!hasPeer('bash')).each(OFFERS)('offers what can follow %j', (typed, offered) => {
    const words = typed.split(' ')
    expect(offeredBy('bash', ['example.bash', ...words])).toEqual(offered)
  })

  it.skipIf(!hasPeer('bash'))('completes after an equals sign, which readline cuts off', () => {
    expect(offeredBy('bash', ['example.bash', 'sockctl', 'serve', '--color', '='])).toHaveLength(3)
    expect(offeredBy('bash', ['example.bash', 'sockctl', 'serve', '--color', '=', 'n'])).toEqual([
      'never',
    ])
  })

  it.skipIf(!hasPeer('bash'))('offers commands after the dashes', () => {
    expect(offeredBy('bash', ['example.bash', 'sockctl', 'serve', '--', 'bas'])).toContain('bash')
  })
})

describe('writeFish', () => {
  it.skipIf(!hasPeer('fish')).each(OFFERS)('offers what can follow %j', (typed, offered) => {
    const script = `source example.fish; complete -C ${JSON.stringify(typed)}`
    const lines = run('fish', ['--no-config', '-c', script])
    expect(lines.map(line => line.replace(/\t.*/, '').replace(/\/$/, '')).sort()).toEqual(offered)
  })
})

describe('writeZsh', () => {
  it.skipIf(!hasPeer('zsh')).each(OFFERS)('offers what can follow %j', (typed, offered) => {
    expect(offeredBy('zsh', ['example.zsh', typed])).toEqual(offered)
  })
})

/** Runs the driver of a shell in `folder`; what it offers is sorted, each word once. */
function offeredBy(shell: 'bash' | 'zsh', args: readonly string[]): readonly string[] {
  const driver = join(import.meta.dirname, `../../support/complete.${shell}`)
  return [...new Set(run(shell, [...(shell === 'zsh' ? ['-f'] : []), driver, ...args]))].sort()
}

function run(command: string, args: readonly string[]): readonly string[] {
  const options = { cwd: folder, encoding: 'utf8', timeout: 15_000, stdio: 'pipe' } as const
  return execFileSync(command, args, options)
    .split('\n')
    .filter(line => line !== '')
}

function word(name: string): { word: string; text: string } {
  return { word: name, text: `What ${name} does: it's "here"` }
}

function option(
  long: string,
  kind?: 'file' | 'folder' | 'choice' | 'free',
  choices: readonly string[] = [],
  isOptional = false,
): CompletableOption {
  const value = kind === undefined ? undefined : { name: 'value', kind, choices, isOptional }
  return { short: undefined, long, text: `About ${long}`, value, repeatable: false }
}
