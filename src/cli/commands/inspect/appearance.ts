import { WAITING_STATES } from '../../../inspect/select/states.ts'
import type { Detail } from '../../../inspect/types.ts'
import {
  type AskedDetails,
  type ColumnWord,
  chooseColumns,
  detailColumns,
  LIST_COLUMNS,
  machineColumns,
  OVERVIEW_COLUMNS,
} from '../../../inspect/views/column-choice.ts'
import { COLUMNS } from '../../../inspect/views/columns/index.ts'
import type { Column, ColumnNeeds } from '../../../inspect/views/columns/types.ts'
import { type GroupKind, groupNeeds } from '../../../inspect/views/groups.ts'
import type { SortKey } from '../../../inspect/views/order.ts'
import type { InspectFlags, Question } from './question.ts'

/** How the answer is shown, and what has to be known for that. */
export interface Appearance {
  readonly format: 'table' | 'json' | 'ndjson' | 'csv' | 'prom'
  readonly columns: readonly Column[]
  /** What a table may say in words below a socket. Undefined: the columns say all there is to say. */
  readonly details: AskedDetails | undefined
  readonly sort: readonly SortKey[]
  readonly groupBy: GroupKind | undefined
  readonly needs: Needs
}

interface Needs {
  readonly details: ReadonlySet<Detail>
  readonly owners: boolean
  readonly peers: boolean
  readonly processes: boolean
}

/** The flags that decide how the answer looks. */
export interface AppearanceFlags {
  readonly info?: true
  readonly memory?: true
  readonly oneline?: true
  readonly peer?: true
  readonly columns?: readonly (readonly ColumnWord[])[]
  readonly sort?: readonly (readonly SortKey[])[]
  readonly top?: number
  readonly groupBy?: GroupKind
}

/** Works out how the flags want the answer to look. */
export function readAppearance(flags: InspectFlags, question: Question): Appearance {
  const format = formatOf(flags)
  const asked = {
    timers: !!flags.options,
    identity: !!flags.extended,
    internals: !!flags.info,
    memory: !!flags.memory,
  }
  const words = (flags.columns ?? []).flat()
  const sort = (flags.sort ?? []).flat()
  const sorted = sort.map(({ column }) => column)
  const { wantsOwners } = question
  const groupBy = flags.groupBy
  const counts = groupBy !== undefined || !!flags.summary || !!flags.prom
  const named = words.filter(({ sign }) => sign !== '-').map(({ column }) => column)
  const details = new Set([
    ...askedDetails(asked, question),
    ...[...named, ...sorted].flatMap(({ needs }) => needs?.details ?? []),
  ])
  const standard =
    format === 'table'
      ? tableColumns(question, flags, words.length > 0 ? asked : undefined)
      : machineColumns(format === 'csv' ? 'csv' : 'json', { details, peers: !!flags.peer })
  const columns = chooseColumns(standard, words)
  const needs: readonly ColumnNeeds[] = counts
    ? groupBy === undefined
      ? []
      : [groupNeeds(groupBy)]
    : [...columns, ...sorted].map(column => column.needs ?? {})
  return {
    format,
    columns,
    details: words.length === 0 ? asked : undefined,
    sort,
    groupBy,
    needs: {
      details: format === 'prom' ? new Set(['memory']) : counts ? new Set() : details,
      owners: wantsOwners || needs.some(({ owners }) => owners),
      peers: needs.some(({ peers }) => peers),
      processes: needs.some(({ processes }) => processes),
    },
  }
}

function formatOf({ json, ndjson, csv, prom }: InspectFlags): Appearance['format'] {
  if (prom) return 'prom'
  return json ? 'json' : ndjson ? 'ndjson' : csv ? 'csv' : 'table'
}

/** Listeners are few, and that one drops connections is worth knowing: they are always asked. */
function askedDetails(asked: AskedDetails, { selection }: Question): Detail[] {
  const waiting = [...selection.states].every(state => WAITING_STATES.includes(state))
  return [
    ...(asked.internals ? (['tcp-info', 'congestion'] as const) : []),
    ...(asked.memory || waiting ? (['memory'] as const) : []),
    ...(asked.identity ? (['ip'] as const) : []),
  ]
}

/** With `--columns` the details are columns like the others, to be taken away or added to. */
function tableColumns(
  { isOverview, wantsOwners }: Question,
  flags: InspectFlags,
  asked: AskedDetails | undefined,
): Column[] {
  return [
    ...(isOverview ? OVERVIEW_COLUMNS : LIST_COLUMNS),
    ...(asked === undefined ? [] : detailColumns(asked)),
    ...(wantsOwners ? [COLUMNS.owners] : []),
    ...(flags.peer ? [COLUMNS.peerOwners] : []),
  ]
}
