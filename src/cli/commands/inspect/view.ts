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
import type { InspectFlags } from './question.ts'

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
  { flags, context }: { readonly flags: InspectFlags; readonly context: Context },
): Promise<View> {
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
      pieces: groupView(list, { groups: shown, by: appearance.groupBy }, appearance.format, page),
      leftOut: leftOut(groups.length - shown.length, 'group'),
    }
  }
  const records = flags.top === undefined ? list.records : list.records.slice(0, flags.top)
  return {
    pieces: listView({ ...list, records }, appearance, { ...page, oneline: !!flags.oneline }),
    leftOut: leftOut(list.records.length - records.length, 'socket'),
  }
}

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
  format: Appearance['format'],
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
  { format, columns, details }: Appearance,
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
