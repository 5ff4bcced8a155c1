import { END_COLUMNS } from './ends.ts'
import { IDENTITY_COLUMNS } from './identity.ts'
import { OWNER_COLUMNS } from './owners.ts'
import { QUEUE_COLUMNS } from './queues.ts'
import { TCP_COLUMNS } from './tcp.ts'
import { TCP_INFO_COLUMNS } from './tcp-info.ts'
import type { Column } from './types.ts'

/*
 * Every column there is, once. The table, --columns, --sort, CSV, JSON, `sockctl help columns` and
 * `sockctl help json` are made from these definitions. A new one is a line in one of these files.
 */

/** The columns by what they are about, in the order of the help. */
export const COLUMN_GROUPS: readonly {
  readonly title: string
  readonly columns: readonly Column[]
}[] = [
  { title: 'What it is', columns: Object.values(END_COLUMNS) },
  { title: 'Who holds it', columns: Object.values(OWNER_COLUMNS) },
  { title: 'Timer and identity', columns: Object.values(IDENTITY_COLUMNS) },
  { title: 'Queues and memory', columns: Object.values(QUEUE_COLUMNS) },
  {
    title: 'TCP',
    columns: [...Object.values(TCP_COLUMNS), ...Object.values(TCP_INFO_COLUMNS)],
  },
]

/** The columns, each by its key. */
export const COLUMNS = {
  ...END_COLUMNS,
  ...OWNER_COLUMNS,
  ...IDENTITY_COLUMNS,
  ...QUEUE_COLUMNS,
  ...TCP_COLUMNS,
  ...TCP_INFO_COLUMNS,
} as const satisfies Readonly<Record<string, Column>>

/** All of them, in the order of the JSON and the CSV. */
export const ALL_COLUMNS: readonly Column[] = COLUMN_GROUPS.flatMap(({ columns }) => columns)
