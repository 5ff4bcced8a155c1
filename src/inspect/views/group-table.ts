import { textWidth } from '../../terminal-text.ts'
import { ALL_STATES } from '../select/states.ts'
import type { SocketState } from '../types.ts'
import { csvLine } from './csv.ts'
import type { Group, GroupKind } from './groups.ts'
import { type TableColumn, type TableOptions, tableView } from './table.ts'
import { STATE_LABELS } from './words.ts'

/** Writes groups as a table: how many sockets each has, and how many of them in which state. */
export function groupTable(
  groups: readonly Group[],
  kind: GroupKind,
  options: Omit<TableOptions<Group>, 'below'>,
): Generator<string> {
  const states = kind === 'state' ? [] : statesIn(groups)
  return tableView(groups, [groupColumn(kind), COUNT, ...states.map(stateColumn)], options)
}

/** Writes groups as comma-separated values, a column for each state that occurs. */
export function* groupCsv(
  groups: readonly Group[],
  kind: GroupKind,
  { header }: { readonly header: boolean },
): Generator<string> {
  const states = statesIn(groups)
  if (header) yield csvLine([kind, 'count', ...states])
  for (const { value, label, count, states: counts } of groups) {
    yield csvLine([value ?? label, count, ...states.map(state => counts.get(state) ?? 0)])
  }
}

function statesIn(groups: readonly Group[]): SocketState[] {
  return ALL_STATES.filter(state => groups.some(({ states }) => states.has(state)))
}

function groupColumn(kind: GroupKind): TableColumn<Group> {
  return {
    heading: kind.toUpperCase(),
    cell: ({ label }) => label,
    widthOf: text => textWidth(text),
    paint: (text, { value }, paint) => (value === undefined ? paint.dim(text) : text),
  }
}

const COUNT: TableColumn<Group> = {
  heading: 'SOCKETS',
  align: 'right',
  cell: ({ count }) => String(count),
  paint: (text, _, paint) => paint.strong(text),
}

function stateColumn(state: SocketState): TableColumn<Group> {
  return {
    heading: STATE_LABELS[state],
    align: 'right',
    cell: ({ states }) => String(states.get(state) ?? 0),
    paint: (text, { states }, paint) => {
      if (!states.has(state)) return paint.dim(text)
      return state === 'close-wait' ? paint.warn(text) : text
    },
  }
}
