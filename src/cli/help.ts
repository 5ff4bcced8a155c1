import { type ColorWhen, loadPaint, type Paint, wantsColor } from './color.ts'
import { COMMANDS } from './commands/index.ts'
import type { CommandDefinition } from './commands/types.ts'
import type { Context } from './context.ts'
import {
  exampleRows,
  lowerFirst,
  optionSections,
  subcommandRows,
  usageRows,
} from './documents/command-sections.ts'
import { ROOT_EXAMPLES, ROOT_OPTIONS, ROOT_USAGE, TAGLINE } from './documents/root-sections.ts'
import { type Page, writeForTerminal } from './documents/terminal.ts'
import type { Row, Section } from './documents/types.ts'
import { EXIT_CODES } from './exit-code.ts'
import { TOPICS } from './topics/index.ts'
import type { Topic } from './topics/types.ts'

const WIDEST = 80
const NARROWEST = 40

/** Prints what `sockctl` alone and `sockctl --help` show. */
export function printRootHelp(context: Context, color?: ColorWhen): Promise<number> {
  return print(rootHelp, context, color)
}

/** Prints what `sockctl <command> --help` shows. */
export function printCommandHelp(
  definition: CommandDefinition<never>,
  context: Context,
  color?: ColorWhen,
): Promise<number> {
  return print(page => commandHelp(definition, page), context, color)
}

/** Prints what `sockctl help <topic>` shows. */
export function printTopic(topic: Topic, context: Context, color?: ColorWhen): Promise<number> {
  return print(page => topicHelp(topic, page), context, color)
}

async function print(
  write: (page: Page) => string,
  { stdout, env }: Context,
  color: ColorWhen = 'auto',
): Promise<number> {
  const paint: Paint = await loadPaint(wantsColor(color, stdout, env))
  const width = Math.min(WIDEST, Math.max(NARROWEST, stdout.columns ?? WIDEST))
  stdout.write(write({ width, paint }))
  return EXIT_CODES.ok.code
}

function rootHelp(page: Page): string {
  const sections: Section[] = [
    { title: 'Usage', body: [ROOT_USAGE] },
    { title: 'Commands', body: [summaries(COMMANDS)] },
    { title: 'Examples', body: [exampleRows(ROOT_EXAMPLES)] },
    ...optionSections([ROOT_OPTIONS]),
    {
      title: 'Learn more',
      body: [
        [
          ['sockctl <command> --help', 'examples and options of one command'],
          ...Object.entries(TOPICS).map(
            ([name, { summary }]): Row => [`sockctl help ${name}`, lowerFirst(summary)],
          ),
        ],
      ],
    },
  ]
  return `${TAGLINE}.\n\n${writeForTerminal(sections, page)}`
}

export function commandHelp(definition: CommandDefinition<never>, page: Page): string {
  const { name, summary, notes = [] } = definition
  const sections: Section[] = [
    { title: 'Usage', body: [usageRows(definition)] },
    { title: 'Examples', body: [exampleRows(definition.examples)] },
    { title: 'Commands', body: [subcommandRows(definition)] },
    ...optionSections(definition.options),
    ...notes
      .filter(note => note.inHelp === true)
      .map(({ title, text }) => ({ title, body: [text] })),
  ]
  const [family = name] = name.split(' ')
  const more = `More: man sockctl-${family}\n      sockctl help, which lists the topics\n`
  const shown = sections.filter(({ body }) => body.some(block => block.length > 0))
  return `${summary}.\n\n${writeForTerminal(shown, page)}\n${page.paint.dim(more)}`
}

function topicHelp({ summary, sections }: Topic, page: Page): string {
  return `${summary}.\n\n${writeForTerminal(sections, page)}`
}

function summaries(entries: Readonly<Record<string, { readonly summary: string }>>): Row[] {
  return Object.entries(entries).map(([name, { summary }]) => [name, summary])
}
