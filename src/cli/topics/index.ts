import { columns } from './columns.ts'
import { endpoints } from './endpoints.ts'
import { exitCodes } from './exit-codes.ts'
import { filters } from './filters.ts'
import { findings } from './findings.ts'
import { json } from './json.ts'
import { states } from './states.ts'
import type { Topic } from './types.ts'
import { values } from './values.ts'

/** The topics of `sockctl help <topic>`, in the order of the help. A new one is registered here. */
export const TOPICS = {
  endpoints,
  values,
  'exit-codes': exitCodes,
  states,
  filters,
  columns,
  findings,
  json,
} satisfies Record<string, Topic>

export type TopicName = keyof typeof TOPICS
