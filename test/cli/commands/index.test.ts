import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../src/cli/commands/index.ts'
import { readFlags } from '../../../src/cli/documents/option-flags.ts'
import { splitProse } from '../../../src/cli/documents/prose.ts'
import { readCommandLine } from '../../../src/cli/program.ts'
import { allDefinitions, optionsOf, sockctlWords } from '../../support/definitions.ts'

const definitions = await allDefinitions()
const eachCommand = definitions.map(definition => [definition.name, definition] as const)
const eachOption = definitions.flatMap(definition =>
  optionsOf(definition).map(option => [definition.name, option.flags, option] as const),
)
const eachExample = definitions.flatMap(({ name, examples }) =>
  examples.map(({ command, what }) => [name, command, what] as const),
)

describe('COMMANDS', () => {
  it.each(Object.entries(COMMANDS))(
    'says the same of %s as its definition',
    async (name, entry) => {
      const definition = await entry.load()
      expect(definition.name).toBe(name)
      expect(definition.summary).toBe(entry.summary)
    },
  )

  it.each(eachCommand)('has a summary, a usage and an example for %s', (_, definition) => {
    expect(definition.summary).toMatch(/^[A-Z].*[^.]$/)
    expect(definition.usage.length + (definition.subcommands ?? []).length).toBeGreaterThan(0)
    expect(definition.examples.length).toBeGreaterThan(0)
    for (const group of definition.options) expect(group.title).toMatch(/^[A-Z]/)
    for (const note of definition.notes ?? []) expect(note.text.trim()).not.toBe('')
  })

  it.each(eachCommand)(
    'keeps the tables in the notes of %s as wide as a man page',
    (_, { notes }) => {
      const lines = (notes ?? []).flatMap(({ text }) =>
        splitProse(text).flatMap(piece => (piece.kind === 'verbatim' ? piece.lines : [])),
      )
      // 80 columns, less the indentation of man(7) and a margin that man(1) leaves.
      expect(lines.filter(line => line.length > 71)).toEqual([])
    },
  )

  it.each(eachCommand)('gives every flag of %s once', (_, definition) => {
    const flags = optionsOf(definition).flatMap(option => {
      const { short, long } = readFlags(option)
      return [short, long].filter(flag => flag !== undefined)
    })
    expect(flags).toEqual([...new Set(flags)])
    // The help stands on every command.
    expect(flags).not.toContain('-h')
    expect(flags).not.toContain('--help')
  })

  it.each(eachCommand)('runs %s, or has commands below it', (name, definition) => {
    const { subcommands = [] } = definition
    expect(definition.run !== undefined || subcommands.length > 0).toBe(true)
    for (const below of subcommands) expect(below.name.startsWith(`${name} `)).toBe(true)
  })

  it.each(eachOption)('explains the option of %s: %s', (_, __, option) => {
    expect(option.text).toMatch(/^\S/)
    expect(option.text).not.toMatch(/[^.]\.$/)
    expect(option.flags).toMatch(/^(-\w, )?--[a-z0-9][a-z0-9-]*( (<[^<>]+>|\[[^[\]]+\]))?$|^-\w$/)
  })

  it.each(eachOption)('takes the default and the choices of %s: %s', (_, __, option) => {
    const { choices, defaultValue } = option
    if (choices === undefined) return
    expect(choices.length).toBeGreaterThan(1)
    expect(readFlags(option).value).toBeDefined()
    if (defaultValue !== undefined) expect(choices).toContain(defaultValue)
  })

  it.each(eachExample)('parses the example of %s: %s', async (name, command, what) => {
    const lines = sockctlWords(command)
    expect(lines.length).toBeGreaterThan(0)
    const parsed = await Promise.all(lines.map(readCommandLine))
    // At least one of them shows the command that the example stands at.
    const names = parsed.map(({ definition }) => definition?.name ?? '')
    expect(names.some(one => one === name || one.startsWith(`${name} `))).toBe(true)
    expect(what).not.toMatch(/\.$/)
  })

  it.each(eachExample)('keeps the example of %s on one line: %s', (_, command) => {
    expect(command.length).toBeLessThanOrEqual(76)
  })
})
