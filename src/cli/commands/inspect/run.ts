import { SockctlError } from '../../../errors.ts'
import { ownershipIn } from '../../../inspect/explain/ownership.ts'
import { processAccess } from '../../../inspect/explain/process-access.ts'
import { planSelection } from '../../../inspect/select/plan.ts'
import { asksForOwners } from '../../../inspect/select/selection.ts'
import { sortByPort } from '../../../inspect/select/sort.ts'
import { takeSnapshot } from '../../../inspect/snapshot.ts'
import type { SocketRecord } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { listenerColumns, socketColumns } from '../../../inspect/views/columns.ts'
import { csvView } from '../../../inspect/views/csv.ts'
import { jsonView, ndjsonView, summaryJsonView } from '../../../inspect/views/json.ts'
import { countStates, summaryView } from '../../../inspect/views/summary.ts'
import { tableView } from '../../../inspect/views/table.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { mixedNote, readFilter } from './filter.ts'
import { type Pasted, questionOfPasted, readPasted } from './pasted.ts'
import { type InspectFlags, type Question, readQuestion } from './question.ts'
import {
  asRoot,
  footer,
  headline,
  hiddenOwners,
  isRoot,
  nearestName,
  nothingFound,
} from './remarks.ts'
import { readPace } from './watch.ts'

/** Runs `sockctl inspect`. */
export async function runInspect(
  { words, flags, typed }: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  if (flags.counters) {
    const { runCounters } = await import('./counters.ts')
    return runCounters(words, flags, context)
  }
  readPace(flags)
  const { pastedText, otherWords } = await readPasted(words, flags, context)
  const filter = await readFilter(otherWords, flags, context)
  const asked = readQuestion(filter === undefined ? otherWords : [], flags, filter)
  const question = pastedText === undefined ? asked : questionOfPasted(asked, flags)
  const note = filter && mixedNote(filter)
  if (note !== undefined) context.stderr.write(`${terminalText(note)}\n`)
  const { list, candidates } = await look(question, { ...flags, pastedText }, context)
  const isForPeople = !flags.json && !flags.ndjson && !flags.csv
  const foundNothing = list.records.length === 0 && question.namesSockets
  const rootCommand = asRoot(typed, context.env)
  if (foundNothing) ensureAllWasSeen(question, { list, candidates, flags, rootCommand })

  if (isForPeople && foundNothing) {
    context.stderr.write(`${terminalText(nothingFound(question.selection))}\n`)
    const near = nearestName(question.selection, list)
    if (near !== undefined) context.stderr.write(`Did you mean ${terminalText(near)}?\n`)
  } else {
    if (isForPeople) sayFirst(question, list, context)
    await writePieces(await view(question, list, { flags, context }), context)
  }
  if (isForPeople) {
    const lines = footer(question, list, { candidates, rootCommand, isTTY: !!context.stderr.isTTY })
    for (const line of lines) context.stderr.write(`${terminalText(line)}\n`)
  }
  return foundNothing ? EXIT_CODES.no.code : EXIT_CODES.ok.code
}

interface Seen {
  readonly list: SocketList
  /** What the records alone let through: the selected ones, and those whose owners did not match. */
  readonly candidates: readonly SocketRecord[]
}

async function look(
  { selection, isOverview, wantsOwners }: Question,
  flags: InspectFlags & Pick<Pasted, 'pastedText'>,
  context: Context,
): Promise<Seen> {
  const userName = userNames()
  const plan = await planSelection(selection, { wantsOwners, userName })
  const snapshot = await takeSnapshot({
    wanted: plan.wanted,
    owners: wantsOwners && plan.mayNeedOwners,
    now: () => context.now(),
    ...(flags.source !== undefined && { source: flags.source }),
    ...(flags.proc !== undefined && { procRoot: flags.proc }),
    ...(flags.pastedText !== undefined && { pastedText: flags.pastedText }),
  })
  const hasOwners = wantsOwners && snapshot.owners !== undefined
  if (asksForOwners(selection) && !hasOwners) throw noProcesses(flags)
  const ownershipOf = hasOwners ? ownershipIn(snapshot, process.getuid?.()) : undefined
  const { records, candidates } = plan.select(snapshot, { ownershipOf, userName })
  const list = {
    snapshot,
    records: isOverview ? sortByPort(records) : records,
    ownershipOf,
    userName,
  }
  return { list, candidates }
}

/** A folder with tables alone is no place to look for processes. */
function noProcesses({ proc = '/proc' }: InspectFlags): SockctlError {
  const message = `cannot tell who holds a socket: ${proc} has no processes`
  return new SockctlError('ERR_UNSUPPORTED', message)
}

/**
 * Makes sure that finding nothing means that there is nothing.
 *
 * @throws ERR_NOT_FOUND when a process is missing, ERR_DENIED when owners are hidden
 */
function ensureAllWasSeen(
  { selection }: Question,
  {
    list,
    candidates,
    flags,
    rootCommand,
  }: Seen & { readonly flags: InspectFlags; readonly rootCommand: string },
): void {
  const { pids } = selection
  const access = pids.map(pid => processAccess(pid, flags.proc))
  if (pids.length > 0 && access.every(one => one === 'missing')) {
    throw new SockctlError('ERR_NOT_FOUND', `there is no process ${pids.join(' or ')}`)
  }
  if (pids.length > 0 && access.every(one => one !== 'denied')) return
  const hidden = hiddenOwners(list, candidates)
  if (!asksForOwners(selection) || hidden.count === 0) return
  const whose = `${hidden.count} hidden owners (${hidden.users}) may be what was asked for`
  throw new SockctlError('ERR_DENIED', `${nothingFound(selection)} that can be seen: ${whose}`, {
    hints: isRoot() ? [] : [`See them: ${rootCommand}`],
  })
}

/** On a terminal the first line answers. */
function sayFirst(question: Question, list: SocketList, { stdout, stderr }: Context): void {
  if (!stdout.isTTY || !stderr.isTTY) return
  const line = headline(question, list)
  if (line !== undefined) stderr.write(`${line}\n`)
}

async function view(
  question: Question,
  list: SocketList,
  { flags, context }: { flags: InspectFlags; context: Context },
): Promise<Iterable<string>> {
  const { header } = flags
  if (flags.json) {
    return flags.summary
      ? summaryJsonView(list.snapshot, countStates(list.records))
      : jsonView(list)
  }
  if (flags.ndjson) return ndjsonView(list)
  if (flags.csv) return csvView(list, { header })
  const { stdout, env } = context
  const paint = await loadPaint(wantsColor(flags.color, stdout, env))
  if (flags.summary) return [await summaryView(countStates(list.records), { header, paint })]
  const columns = question.isOverview
    ? listenerColumns(list)
    : socketColumns(list, { timers: !!flags.options, identity: !!flags.extended })
  return tableView(list.records, columns, {
    header,
    paint,
    width: stdout.isTTY ? stdout.columns : undefined,
  })
}
