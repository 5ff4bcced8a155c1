import { conditionOf } from '../../../inspect/select/selection.ts'
import { csvView } from '../../../inspect/views/csv.ts'
import { groupCsv, groupTable } from '../../../inspect/views/group-table.ts'
import { type GroupKind, groupJson, groupSockets } from '../../../inspect/views/groups.ts'
import {
  groupsJsonView,
  groupsNdjsonView,
  jsonView,
  ndjsonView,
  summaryJsonView,
} from '../../../inspect/views/json.ts'
import { socketTable } from '../../../inspect/views/socket-table.ts'
import { countStates, summaryView } from '../../../inspect/views/summary.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { formatCount } from '../../../units.ts'
import { loadPaint, type Paint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import type { Appearance } from './appearance.ts'
import type { InspectFlags, Question } from './question.ts'

/** The answer as text. */
export interface View {
  readonly pieces: Iterable<string>
  /** A sentence about what `--top` leaves out. Undefined: nothing. */
  readonly leftOut: string | undefined
}

/** Turns what was found into text, as the flags ask. */
export async function viewOf(
  list: SocketList,
  appearance: Appearance,
  {
    flags,
    context,
    question,
  }: {
    readonly flags: InspectFlags
    readonly context: Context
    readonly question: Pick<Question, 'selection'>
  },
): Promise<View> {
  const { format } = appearance
  if (format === 'prom') return prometheus(list, appearance, question)
  const { header } = flags
  const { stdout, env } = context
  const paint = await loadPaint(
    appearance.format === 'table' && wantsColor(flags.color, stdout, env),
  )
  const page = { header, paint, width: stdout.isTTY ? stdout.columns : undefined }
  if (flags.summary) return { pieces: await summary(list, flags, page), leftOut: undefined }
  if (appearance.groupBy !== undefined) {
    const groups = groupSockets(list, appearance.groupBy)
    const shown = groups.slice(0, flags.top)
    return {
      pieces: groupView(list, { groups: shown, by: appearance.groupBy }, format, page),
      leftOut: leftOut(groups.length - shown.length, 'group'),
    }
  }
  const records = flags.top === undefined ? list.records : list.records.slice(0, flags.top)
  return {
    pieces: listView(
      { ...list, records },
      { ...appearance, format },
      { ...page, oneline: !!flags.oneline },
    ),
    leftOut: leftOut(list.records.length - records.length, 'socket'),
  }
}

/** Sockets in states of which there is none are said as 0 where nothing but their kind was asked. */
async function prometheus(
  list: SocketList,
  { groupBy }: Appearance,
  { selection }: Pick<Question, 'selection'>,
): Promise<View> {
  const { prometheusView } = await import('../../../inspect/views/prometheus.ts')
  const isWhole = list.snapshot.warnings.every(
    ({ code }) => code !== 'incomplete' && code !== 'netns-hidden',
  )
  const looked = isWhole && conditionOf(selection) === undefined ? selection : undefined
  return { pieces: prometheusView(list, { groupBy, looked }), leftOut: undefined }
}

/** A metric is no list. */
type ListFormat = Exclude<Appearance['format'], 'prom'>

interface Page {
  readonly header: boolean
  readonly paint: Paint
  readonly width: number | undefined
}

async function summary(
  list: SocketList,
  { json }: InspectFlags,
  page: Page,
): Promise<Iterable<string>> {
  const counts = countStates(list.records)
  return json ? summaryJsonView(list.snapshot, counts) : [await summaryView(counts, page)]
}

function groupView(
  { snapshot }: SocketList,
  { groups, by }: { readonly groups: ReturnType<typeof groupSockets>; readonly by: GroupKind },
  format: ListFormat,
  page: Page,
): Iterable<string> {
  switch (format) {
    case 'json':
      return groupsJsonView(
        snapshot,
        groups.map(one => groupJson(one, by)),
      )
    case 'ndjson':
      return groupsNdjsonView(
        snapshot,
        groups.map(one => groupJson(one, by)),
      )
    case 'csv':
      return groupCsv(groups, by, page)
    case 'table':
      return groupTable(groups, by, page)
  }
}

function listView(
  list: SocketList,
  { format, columns, details }: Appearance & { readonly format: ListFormat },
  page: Page & { readonly oneline: boolean },
): Iterable<string> {
  switch (format) {
    case 'json':
      return jsonView(list, columns)
    case 'ndjson':
      return ndjsonView(list, columns)
    case 'csv':
      return csvView(list, columns, page)
    case 'table':
      return socketTable(list, { ...page, columns, details })
  }
}

function leftOut(count: number, noun: string): string | undefined {
  return count === 0 ? undefined : `${formatCount(count, `more ${noun}`)} left out by --top`
}
