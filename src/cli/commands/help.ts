import { usageError } from '../../errors.ts'
import { closestWord } from '../../terminal-text.ts'
import type { ColorWhen } from '../color.ts'
import type { Context } from '../context.ts'
import { printCommandHelp, printRootHelp, printTopic } from '../help.ts'
import { FINDING_IDS, findingTopic } from '../topics/findings.ts'
import { TOPICS, type TopicName } from '../topics/index.ts'
import type { Topic } from '../topics/types.ts'
import { COLOR_OPTION } from './color-option.ts'
import { COMMANDS } from './index.ts'
import type { CommandDefinition, Invocation } from './types.ts'

interface HelpFlags {
  readonly color: ColorWhen
}

const TOPIC_NAMES = Object.keys(TOPICS) as readonly TopicName[]

/** `sockctl help` */
export const helpCommand: CommandDefinition<HelpFlags> = {
  name: 'help',
  summary: 'Explain a command or a topic',
  usage: ['[command | topic]', 'finding <name>'],
  words: [...Object.keys(COMMANDS), ...TOPIC_NAMES, 'finding'],
  examples: [
    { command: 'sockctl help serve', what: 'the same as sockctl serve --help' },
    { command: 'sockctl help endpoints', what: 'how to write where to listen or connect' },
    { command: 'sockctl help finding listen.queue-full', what: 'what a finding means' },
  ],
  options: [
    {
      title: 'Options',
      options: [COLOR_OPTION],
    },
  ],
  run,
}

async function run({ words, flags }: Invocation<HelpFlags>, context: Context): Promise<number> {
  const [first] = words
  if (first === undefined) return printRootHelp(context, flags.color)
  if (first === 'finding') return printTopic(findFinding(words), context, flags.color)
  const topic = TOPIC_NAMES.find(name => name === first)
  if (topic !== undefined) return printTopic(TOPICS[topic], context, flags.color)
  return printCommandHelp(await findCommand(words), context, flags.color)
}

/** The finding that is named; without a name, the list of all. */
function findFinding([word = '', id]: readonly string[]): Topic {
  if (id === undefined) return TOPICS.findings
  const topic = findingTopic(id)
  if (topic !== undefined) return topic
  const near = closestWord(id, FINDING_IDS)
  const guess = near === undefined ? [] : [`Did you mean sockctl help ${word} ${near}?`]
  throw usageError(`no finding is called "${id}"`, ...guess, 'sockctl help findings lists them.')
}

/** The command that the words lead to: `serve`, `udp listen`. */
async function findCommand(words: readonly string[]): Promise<CommandDefinition<never>> {
  const [name = '', ...rest] = words
  if (!Object.hasOwn(COMMANDS, name))
    throw unknown(name, [...Object.keys(COMMANDS), ...TOPIC_NAMES])
  let definition: CommandDefinition<never> = await COMMANDS[name as keyof typeof COMMANDS].load()
  for (const word of rest) {
    const below: readonly CommandDefinition<never>[] = definition.subcommands ?? []
    const next = below.find(one => one.name === `${definition.name} ${word}`)
    if (next === undefined)
      throw unknown(
        `${definition.name} ${word}`,
        below.map(one => one.name),
      )
    definition = next
  }
  return definition
}

function unknown(name: string, known: readonly string[]): Error {
  const close = closestWord(name, known)
  const guess = close === undefined ? [] : [`Did you mean sockctl help ${close}?`]
  const there = known.length === 0 ? [] : [`There is help on ${known.join(', ')}.`]
  return usageError(`no help on "${name}"`, ...guess, ...there)
}
