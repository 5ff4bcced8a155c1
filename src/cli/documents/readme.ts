import { HANDLERS } from '../../handlers/index.ts'
import { ABILITIES, type Abilities, suits } from '../../transports/abilities.ts'
import { PLAIN } from '../color.ts'
import { COMMANDS } from '../commands/index.ts'
import type { CommandDefinition } from '../commands/types.ts'
import { commandHelp } from '../help.ts'
import { ENDPOINT_ROWS } from '../topics/endpoints.ts'
import { EXIT_CODE_ROWS } from '../topics/exit-codes.ts'
import { optionSections } from './command-sections.ts'
import type { Row } from './types.ts'

/*
 * The README is written by hand, less the parts between two marks:
 *   <!-- generated: exit-codes -->
 *   <!-- end -->
 */
const PART = /(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)/gs

/** Writes the generated parts of a README anew and leaves the rest as it is. */
export async function fillReadme(readme: string): Promise<string> {
  const parts = await readmeParts()
  return readme.replace(PART, (_, opening: string, name: string, closing: string) => {
    const part = parts.get(name)
    if (part === undefined) throw new Error(`README.md has a part that nothing makes: ${name}`)
    return `${opening}\n${part}\n\n${closing}`
  })
}

/** The parts of the README that are made from the definitions, by the name in their mark. */
async function readmeParts(): Promise<ReadonlyMap<string, string>> {
  const definitions: readonly CommandDefinition<never>[] = await Promise.all(
    Object.values(COMMANDS).map(entry => entry.load()),
  )
  return new Map([
    ['commands', table(['command', ''], Object.entries(COMMANDS).map(commandRow))],
    ['endpoints', table(['endpoint', ''], ENDPOINT_ROWS)],
    ['handlers', table(['handler', ''], handlerRows(definitions))],
    ['matrix', matrix()],
    ['exit-codes', table(['code', 'when'], EXIT_CODE_ROWS)],
    ['options', definitions.map(reference).join('\n\n')],
  ])
}

function commandRow([name, { summary }]: readonly [string, { readonly summary: string }]): Row {
  return [`sockctl ${name}`, summary]
}

/** What `serve` can do with a connection: the group of options that is called so. */
function handlerRows(definitions: readonly CommandDefinition<never>[]): readonly Row[] {
  const serve = definitions.find(({ name }) => name === 'serve')
  const group = serve?.options.find(({ title }) => title.startsWith('Handler'))
  const [section] = optionSections(group === undefined ? [] : [group])
  return (section?.body ?? []).flatMap(block => (typeof block === 'string' ? [] : block))
}

/** The help of a command and of those below it, folded away under its name. */
function reference(definition: CommandDefinition<never>): string {
  const { name, summary, subcommands = [] } = definition
  const helps = [definition, ...subcommands].map(one =>
    commandHelp(one, { width: 80, paint: PLAIN }).trimEnd(),
  )
  return [
    `<details><summary><code>sockctl ${name}</code>: ${summary}</summary>`,
    ...helps.map(help => `\`\`\`text\n${help}\n\`\`\``),
    '</details>',
  ].join('\n\n')
}

/** What each transport carries, and which handlers work over it. */
function matrix(): string {
  const handlers = Object.keys(HANDLERS)
  const rows = Object.entries(ABILITIES).map(([scheme, can]: readonly [string, Abilities]) => [
    `\`${scheme}\``,
    can.framing === 'stream' ? 'bytes' : 'messages',
    tick(can.listens),
    tick(can.dials),
    tick(can.halfCloses),
    tick(can.resets),
    tick(can.isReliable),
    ...handlers.map(
      handler =>
        tick(can.listens && suits(handler, can)) +
        (can.differs?.[handler] === undefined ? '' : '*'),
    ),
  ])
  const head = [
    '',
    'carries',
    '`serve`',
    '`connect`',
    'half-close',
    'reset',
    'nothing lost',
    ...handlers,
  ]
  const notes = Object.entries(ABILITIES).flatMap(
    ([scheme, { differs }]: readonly [string, Abilities]) =>
      Object.entries(differs ?? {}).map(
        ([handler, how]) => `\\* \`${scheme}\` with ${handler}: ${how}.`,
      ),
  )
  const lines = [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return [lines.join('\n'), ...notes].join('\n\n')
}

function tick(can: boolean): string {
  return can ? '✓' : '–'
}

function table(head: Row, rows: readonly Row[]): string {
  const lines = rows.map(
    ([term, text]) => `| \`${cell(term)}\` | ${cell(text).replaceAll('<', '&lt;')} |`,
  )
  return [`| ${head[0]} | ${head[1]} |`, '|---|---|', ...lines].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
