import { loadPaint, type Paint, wantsColor } from './color.ts'
import { COMMANDS } from './commands/index.ts'
import type { CommandDefinition, OptionDefinition } from './commands/types.ts'
import type { Context } from './context.ts'
import { EXIT_CODES } from './exit-code.ts'

const WIDTH = 80
const TAGLINE = 'Sockets from the command line: netcat and ss in one.'

/** Prints what `sockctl` alone and `sockctl --help` show. */
export async function printRootHelp(context: Context): Promise<number> {
  const paint = await loadPaint(wantsColor('auto', context.stdout, context.env))
  context.stdout.write(rootHelp(paint))
  return EXIT_CODES.ok.code
}

/** Prints what `sockctl <command> --help` shows. */
export async function printCommandHelp(
  definition: CommandDefinition<never>,
  context: Context,
): Promise<number> {
  const paint = await loadPaint(wantsColor('auto', context.stdout, context.env))
  context.stdout.write(commandHelp(definition, paint))
  return EXIT_CODES.ok.code
}

export function rootHelp(paint: Paint): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const)
  return [
    `${TAGLINE}\n`,
    section(paint, 'Usage', ['sockctl <command> [options]']),
    section(paint, 'Commands', columns(commands)),
    section(
      paint,
      'Learn more',
      columns([['sockctl <command> --help', 'examples and options of one command']]),
    ),
  ].join('\n')
}

export function commandHelp(definition: CommandDefinition<never>, paint: Paint): string {
  const { name, summary, usage, examples, options, subcommands = [], notes = [] } = definition
  const parts = [`${summary}.\n`]
  parts.push(
    section(
      paint,
      'Usage',
      usage.map(one => `sockctl ${name} ${one}`),
    ),
  )
  if (examples.length > 0) {
    parts.push(
      section(
        paint,
        'Examples',
        columns(
          examples.map(one => [`$ ${one.command}`, one.what]),
          46,
        ),
      ),
    )
  }
  if (subcommands.length > 0) {
    parts.push(section(paint, 'Commands', columns(subcommands.map(one => [one.name, one.summary]))))
  }
  for (const group of options) {
    const rows = group.options.filter(one => one.hidden !== true).map(optionRow)
    if (rows.length > 0) parts.push(section(paint, group.title, columns(rows)))
  }
  for (const note of notes) {
    if (note.inHelp === true) parts.push(section(paint, note.title, paragraphs(note.text)))
  }
  return parts.join('\n')
}

function section(paint: Paint, title: string, lines: readonly string[]): string {
  return `${paint.strong(title)}\n${lines.map(line => `  ${line}`.trimEnd()).join('\n')}\n`
}

function optionRow(option: OptionDefinition): readonly [string, string] {
  const flags = option.flags.startsWith('--') ? `    ${option.flags}` : option.flags
  const choices = option.choices === undefined ? '' : ` (${option.choices.join(', ')})`
  const value = option.defaultValue
  const fallback =
    value === undefined || value === false ? '' : ` [default: ${option.defaultText ?? value}]`
  return [flags, `${option.text}${choices}${fallback}`]
}

/** Two columns; a left part too wide for its column stands on a line of its own. */
function columns(rows: readonly (readonly [string, string])[], widest = 28): string[] {
  const fitting = rows.map(([left]) => left.length).filter(length => length <= widest)
  const leftWidth = Math.max(0, ...fitting)
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, WIDTH - leftWidth - 4)
    const indent = ' '.repeat(leftWidth + 2)
    const head =
      left.length > leftWidth ? [left, indent + first] : [left.padEnd(leftWidth + 2) + first]
    return [...head, ...more.map(line => indent + line)]
  })
}

function paragraphs(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .flatMap(line => (line.startsWith('  ') ? [line] : wrap(line, WIDTH - 2)))
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  lines.push(line)
  return lines
}
