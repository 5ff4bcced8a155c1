import { terminalText, textWidth } from '../../terminal-text.ts'
import { formatCount } from '../../units.ts'
import { looksForgotten, type OverviewRow } from '../explain/overview.ts'
import { nameText } from '../name-text.ts'
import { shortId } from '../owners/container/short-id.ts'
import type { SocketRecord } from '../types.ts'
import { pathWords, type Reader, userWords } from './report-words.ts'
import { type TableColumn, type TableOptions, tableView } from './table.ts'

/** Who looks at the overview, and when. */
export type OverviewReader = Pick<Reader, 'uid' | 'userName' | 'home' | 'now'>

/**
 * Writes the listeners by their programs, a line each: which port, of which project, what it is, for
 * how long, who can reach it, and what is odd about it.
 */
export function overviewView(
  rows: readonly OverviewRow[],
  reader: OverviewReader,
  options: Pick<TableOptions<OverviewRow>, 'header' | 'paint' | 'width'>,
): Iterable<string> {
  const wide = { widthOf: (text: string) => textWidth(text) }
  const columns: TableColumn<OverviewRow>[] = [
    { heading: 'PORT', cell: portText },
    { heading: 'PROJECT', cell: row => projectText(row, reader), ...wide },
    { heading: 'WHAT', cell: row => whatText(row, reader), ...wide },
    { heading: 'UP', cell: row => upText(row, reader.now) },
    {
      heading: 'SEEN FROM',
      cell: ({ isOpenToNetwork }) => (isOpenToNetwork ? 'network' : 'localhost'),
      paint: (text, { isOpenToNetwork }, paint) =>
        isOpenToNetwork ? paint.warn(text) : paint.dim(text),
    },
    {
      heading: 'NOTE',
      cell: row => notesOf(row).join('; ') || '-',
      mayBeCut: true,
      paint: (text, row, paint) => (looksForgotten(row) ? paint.warn(text) : paint.dim(text)),
    },
  ]
  return tableView(rows, columns, options)
}

/** The first line: how many there are, which look forgotten, and what else TCP does. */
export function overviewHeadline(
  rows: readonly OverviewRow[],
  records: readonly SocketRecord[],
): string {
  if (rows.length === 0) return 'Nothing listens on this machine.'
  const forgotten = rows.filter(looksForgotten).length
  const look = `${forgotten} look${forgotten === 1 ? 's' : ''} forgotten`
  const states = new Map<string, number>()
  for (const { protocol, state } of records) {
    if (protocol !== 'tcp' || state === 'listen') continue
    states.set(state, (states.get(state) ?? 0) + 1)
  }
  const most = [...states].sort(([, a], [, b]) => b - a).slice(0, MOST_STATES)
  const tcp = most.map(([state, count]) => `${count} ${state}`).join(', ')
  const head = `${formatCount(rows.length, 'listener')}${forgotten === 0 ? '' : `, ${look}`}`
  return tcp === '' ? `${head}.` : `${head}; TCP: ${tcp}.`
}

const MOST_STATES = 4

/** UDP is said: most ask about TCP. */
function portText({ port, protocol }: Pick<OverviewRow, 'port' | 'protocol'>): string {
  return protocol === 'udp' ? `${port}/udp` : String(port)
}

function projectText({ story, isSystem }: OverviewRow, reader: OverviewReader): string {
  if (story === undefined) return '-'
  const { container, placement, standIn, facts } = story
  const kind = placement?.container?.kind ?? (standIn === undefined ? undefined : 'docker')
  if (kind !== undefined) {
    const { compose, name } = container ?? {}
    const id = placement?.container?.id
    const known =
      compose === undefined
        ? (name ?? (id === undefined ? '?' : shortId(id)))
        : `${compose.project}/${compose.service}`
    return `${kind}: ${terminalText(known)}`
  }
  const folder = facts.project?.folder ?? (isSystem ? undefined : facts.workingFolder)
  return folder === undefined ? '-' : pathWords(folder, reader)
}

function whatText({ owner, ownership, story }: OverviewRow, reader: OverviewReader): string {
  if (ownership.kind === 'hidden') return `(${userWords(ownership.uid, reader)})`
  if (owner === undefined) return '(the kernel, or unseen)'
  const image = story?.container?.image
  if (image !== undefined) return terminalText(image)
  const name = nameText(owner.name)
  const { script } = story ?? {}
  const uid = story?.facts.uid
  if (script !== undefined) return `${name} (${terminalText(script)})`
  const isOther = uid !== undefined && uid !== reader.uid
  return isOther ? `${name} (${userWords(uid, reader).replace(/^user /, '')})` : name
}

function upText({ story }: OverviewRow, now: Date): string {
  const started = story?.facts.startedAt
  if (started === undefined) return '-'
  const seconds = Math.max(0, Math.floor((now.getTime() - started.getTime()) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** What is odd about a listener, the oddest first. */
export function notesOf(row: OverviewRow): string[] {
  const { story, ownership, records, protocol } = row
  const waiting = protocol === 'tcp' ? sum(records, one => one.receiveQueue) : 0
  const drops = sum(records, one => one.drops)
  const isContainer = story?.placement?.container !== undefined || story?.standIn !== undefined
  return [
    ...(story?.facts.state === 'stopped' ? ['stopped'] : []),
    ...(waiting > 0 ? [`${waiting} waiting to be accepted`] : []),
    ...(story?.orphan === 'terminal-gone' ? ['orphan: terminal gone'] : []),
    ...(story?.orphan === 'parent-gone' ? ['orphan: parent gone'] : []),
    ...(story?.facts.isFolderDeleted ? ['its folder was deleted'] : []),
    ...(row.isIdle ? ['idle: 0 connections'] : []),
    ...(row.isShared ? ['another program has the port too'] : []),
    ...(row.sameProjectAs === undefined ? [] : [`project of ${portText(row.sameProjectAs)}`]),
    ...(drops > 0 ? [`dropped ${drops}`] : []),
    ...(isContainer ? ['container'] : []),
    ...(ownership.kind === 'hidden' ? ['owner hidden'] : []),
    ...(row.isSystem && ownership.kind !== 'hidden' ? ['system'] : []),
  ]
}

function sum(
  records: readonly SocketRecord[],
  of: (record: SocketRecord) => number | undefined,
): number {
  return records.reduce((total, one) => total + (of(one) ?? 0), 0)
}
