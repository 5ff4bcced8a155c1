import { COMMANDS } from '../commands/index.ts'
import type { CommandDefinition } from '../commands/types.ts'
import { endpoints } from '../topics/endpoints.ts'
import { EXIT_CODE_ROWS } from '../topics/exit-codes.ts'
import { filters } from '../topics/filters.ts'
import { findingsManual } from '../topics/findings.ts'
import { json } from '../topics/json.ts'
import type { Topic } from '../topics/types.ts'
import { values } from '../topics/values.ts'
import { exampleRows, lowerFirst, optionSections, usageRows } from './command-sections.ts'
import { type ManPage, type ManSection, writeManPage } from './man-page.ts'
import {
  ENVIRONMENT_ROWS,
  ROOT_EXAMPLES,
  ROOT_OPTIONS,
  ROOT_USAGE,
  TAGLINE,
} from './root-sections.ts'
import type { Row, Section } from './types.ts'

/** The files of man/ by name, made from the definitions: one per command, sockctl, and topics. */
export async function manPages(): Promise<ReadonlyMap<string, string>> {
  const definitions: readonly CommandDefinition<never>[] = await Promise.all(
    Object.values(COMMANDS).map(entry => entry.load()),
  )
  const pages = [rootPage(), ...definitions.map(commandPage), ...TOPIC_PAGES.map(topicPage)]
  return new Map(pages.map(page => [`${page.name}.${page.section}`, writeManPage(page)]))
}

function rootPage(): ManPage {
  return {
    name: 'sockctl',
    section: 1,
    summary: lowerFirst(TAGLINE),
    sections: [
      { title: 'Synopsis', body: [ROOT_USAGE] },
      {
        title: 'Commands',
        body: [
          Object.entries(COMMANDS).map(([name, { summary }]): Row => [name, `${summary}.`]),
          'Each has a page of its own: sockctl-serve(1) and so on.',
        ],
      },
      ...optionSections([ROOT_OPTIONS]),
      ...values.sections,
      { title: 'Examples', body: [exampleRows(ROOT_EXAMPLES)] },
      { title: 'Environment', body: [ENVIRONMENT_ROWS] },
      EXIT_STATUS,
      seeAlso('sockctl'),
    ],
  }
}

function commandPage(definition: CommandDefinition<never>): ManPage {
  const { name, summary, subcommands = [] } = definition
  const forms = subcommands.length === 0 ? [definition] : subcommands
  return {
    name: `sockctl-${name}`,
    section: 1,
    summary: lowerFirst(summary),
    sections: [
      { title: 'Synopsis', body: [forms.flatMap(usageRows)] },
      ...options(definition),
      ...notes(definition),
      ...subcommands.map(subcommandSection),
      ...examples(definition),
      EXIT_STATUS,
      seeAlso(`sockctl-${name}`),
    ],
  }
}

/** A subcommand is a section of its command's page. */
function subcommandSection(definition: CommandDefinition<never>): ManSection {
  return {
    title: definition.name,
    body: [`${definition.summary}.`],
    below: [...optionSections(definition.options), ...notes(definition), ...examples(definition)],
  }
}

function options({ options: groups }: CommandDefinition<never>): readonly ManSection[] {
  const below = optionSections(groups)
  return below.length === 0 ? [] : [{ title: 'Options', body: [], below }]
}

function notes({ notes: all = [] }: CommandDefinition<never>): readonly Section[] {
  return all.map(({ title, text }) => ({ title, body: [text] }))
}

function examples(definition: CommandDefinition<never>): readonly Section[] {
  if (definition.examples.length === 0) return []
  return [{ title: 'Examples', body: [exampleRows(definition.examples)] }]
}

/** The topics that have a page of their own, in section 7. */
const TOPIC_PAGES = [
  { name: 'sockctl-endpoints', topic: endpoints },
  { name: 'sockctl-filters', topic: filters },
  { name: 'sockctl-json', topic: json },
  { name: 'sockctl-findings', topic: findingsManual },
] as const

function topicPage({ name, topic }: { readonly name: string; readonly topic: Topic }): ManPage {
  return {
    name,
    section: 7,
    summary: lowerFirst(topic.summary),
    sections: [...topic.sections, seeAlso(name)],
  }
}

const EXIT_STATUS: Section = { title: 'Exit status', body: [EXIT_CODE_ROWS] }

function seeAlso(self: string): Section {
  const commands = Object.keys(COMMANDS).map(name => `sockctl-${name}`)
  const pages = [
    ...['sockctl', ...commands].filter(name => name !== self).map(name => `${name}(1)`),
    ...TOPIC_PAGES.filter(({ name }) => name !== self).map(({ name }) => `${name}(7)`),
  ]
  return { title: 'See also', body: [pages.join(', ')] }
}
