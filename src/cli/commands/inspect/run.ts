import { SockctlError } from '../../../errors.ts'
import type { Family } from '../../../inspect/ends.ts'
import { ownershipIn } from '../../../inspect/explain/ownership.ts'
import { peersIn } from '../../../inspect/explain/peers.ts'
import { processAccess } from '../../../inspect/explain/process-access.ts'
import { interfaceNames } from '../../../inspect/interfaces.ts'
import { placesIn } from '../../../inspect/owners/places.ts'
import type { ListedProcesses } from '../../../inspect/owners/process/listed.ts'
import { planSelection } from '../../../inspect/select/plan.ts'
import { asksForOwners, type Selection } from '../../../inspect/select/selection.ts'
import { sortByPort } from '../../../inspect/select/sort.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import { takeSnapshot } from '../../../inspect/snapshot.ts'
import type { Snapshot, SocketRecord, Wanted } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { sortRecords } from '../../../inspect/views/order.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { checkActFlags } from './act-options.ts'
import { type Appearance, readAppearance } from './appearance.ts'
import { wantsChecks } from './check-options.ts'
import { ensureDiagnosing } from './diagnose-options.ts'
import { mixedNote, readFilter } from './filter.ts'
import { lookUpsFor } from './look-ups.ts'
import { type Pasted, questionOfPasted, readPasted } from './pasted.ts'
import { type InspectFlags, type Question, readQuestion } from './question.ts'
import {
  asRoot,
  footer,
  headline,
  hiddenOwners,
  hiddenReason,
  isRoot,
  nearestName,
  nothingFound,
  rootCommand,
} from './remarks.ts'
import { viewOf } from './view.ts'
import { readPace } from './watch.ts'
import { readWhere } from './where.ts'

/** Runs `sockctl inspect`. */
export async function runInspect(
  { words, flags: typedFlags, typed }: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  if (typedFlags.counters) {
    const { runCounters } = await import('./counters.ts')
    return runCounters(words, typedFlags, context)
  }
  const checking = wantsChecks(typedFlags) ? await import('./checks.ts') : undefined
  const checks = await checking?.readChecks(words, typedFlags)
  const flags = checks?.flags ?? typedFlags
  checkActFlags(flags)
  if (flags.free) {
    const { runFree } = await import('./free.ts')
    return runFree(words, flags, context)
  }
  ensureDiagnosing(flags)
  readPace(flags)
  if (flags.diagnose) {
    const { runDiagnose } = await import('./diagnose.ts')
    return runDiagnose({ words, flags, typed }, context)
  }
  const { pastedText, otherWords } = await readPasted(words, flags, context)
  const filter = await readFilter(otherWords, flags, context)
  const asked = readQuestion(filter === undefined ? otherWords : [], flags, filter)
  const told = pastedText === undefined ? asked : questionOfPasted(asked, flags)
  const closing = flags.close ? await import('./close.ts') : undefined
  const question = closing?.questionOfClose(told, flags) ?? told
  const note = filter && mixedNote(filter)
  if (note !== undefined) context.stderr.write(`${terminalText(note)}\n`)
  const appearance = readAppearance(flags, question)
  const { list, candidates } = await look(question, appearance, {
    flags: { ...flags, pastedText },
    context,
  })
  const isForPeople = appearance.format === 'table'
  const foundNothing = list.records.length === 0 && question.namesSockets
  const seeThem = asRoot(typed, context)
  const ensureAllSeen = (): void => ensureAllWasSeen(question, { list, candidates, flags, seeThem })
  if (closing !== undefined) {
    if (foundNothing) ensureAllSeen()
    const { selection } = question
    const asked = { flags, selection, rootCommand: rootCommand(typed, context) }
    return closing.closeConnections(list, asked, context)
  }
  const show = async (): Promise<void> => {
    if (isForPeople && foundNothing) {
      context.stderr.write(`${terminalText(nothingFound(question.selection))}\n`)
      const near = nearestName(question.selection, list)
      if (near !== undefined) context.stderr.write(`Did you mean ${terminalText(near)}?\n`)
    } else {
      if (isForPeople) sayFirst(question, list, context)
      const { pieces, leftOut } = await viewOf(list, appearance, { flags, context, question })
      await writePieces(pieces, context)
      if (isForPeople && leftOut !== undefined) context.stderr.write(`${leftOut}\n`)
    }
    if (!isForPeople) return
    const isTTY = !!context.stderr.isTTY
    const lines = footer(question, list, { candidates, seeThem, isTTY })
    for (const line of lines) context.stderr.write(`${terminalText(line)}\n`)
  }
  if (checking !== undefined && checks !== undefined) {
    const seen = { question, list, candidates, seeThem }
    return checking.runChecks(checks, { ...seen, ensureAllWasSeen: ensureAllSeen, show }, context)
  }
  if (foundNothing) ensureAllSeen()
  await show()
  // For Prometheus none is a number like the others.
  return foundNothing && appearance.format !== 'prom' ? EXIT_CODES.no.code : EXIT_CODES.ok.code
}

interface Seen {
  readonly list: SocketList
  /** What the records alone let through: the selected ones, and those whose owners did not match. */
  readonly candidates: readonly SocketRecord[]
}

async function look(
  { selection, isOverview }: Question,
  { needs, sort }: Appearance,
  {
    flags,
    context,
  }: { readonly flags: InspectFlags & Pick<Pasted, 'pastedText'>; readonly context: Context },
): Promise<Seen> {
  const userName = userNames()
  const where = await readWhere(flags)
  const wantsOwners = needs.owners || where.belongsIn !== undefined
  const details = new Set([...(selection.details ?? []), ...needs.details])
  const plan = await planSelection({ ...selection, details }, { wantsOwners, userName })
  const snapshot = await takeSnapshot({
    wanted: needs.peers ? withPeers(plan.wanted) : plan.wanted,
    owners: wantsOwners && (needs.peers || plan.mayNeedOwners),
    now: () => context.now(),
    ...(flags.source !== undefined && { source: flags.source }),
    ...(flags.proc !== undefined && { procRoot: flags.proc }),
    ...(flags.pastedText !== undefined && { pastedText: flags.pastedText }),
    ...(where.netns !== undefined && { netns: where.netns }),
  })
  const hasOwners = wantsOwners && snapshot.owners !== undefined
  if (asksForOwners(selection) && !hasOwners) throw noProcesses(flags)
  const places = placesIn(snapshot, flags.proc)
  const ownershipOf = hasOwners
    ? ownershipIn(snapshot, process.getuid?.(), places.unitOf)
    : undefined
  const belongs = where.belongsIn?.(snapshot) ?? (() => true)
  const known = { ownershipOf, userName, places }
  const selected = plan.select(snapshot, await lookUpsFor(selection, snapshot, known))
  const records = selected.records.filter(belongs)
  const candidates = selected.candidates.filter(belongs)
  const facts = {
    snapshot,
    ownershipOf,
    userName,
    containerOf: places.containerOf,
    unitOf: places.unitOf,
    processes: needs.processes ? await processesOf(flags) : undefined,
    cgroupName: places.cgroupName,
    interfaceName: interfaceNames(),
    peerOf: needs.peers ? peersIn(snapshot) : undefined,
  }
  const inOrder = isOverview ? sortByPort(records) : records
  return { list: { ...facts, records: sortRecords(inOrder, sort, facts) }, candidates }
}

async function processesOf({ proc }: InspectFlags): Promise<ListedProcesses> {
  const { listedProcesses } = await import('../../../inspect/owners/process/listed.ts')
  return listedProcesses(proc)
}

/** The other end may be in any state, and in the other family (a dual-stack listener's IPv4). */
function withPeers({ protocols, details }: Wanted): Wanted {
  return { protocols, details, families: ALL_FAMILIES, states: new Set(ALL_STATES) }
}

const ALL_FAMILIES: ReadonlySet<Family> = new Set([
  ...(['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock'] as const),
])

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
    seeThem,
  }: Seen & { readonly flags: InspectFlags; readonly seeThem: string },
): void {
  ensureEveryNamespace(list.snapshot, selection)
  const { pids } = selection
  const access = pids.map(pid => processAccess(pid, flags.proc))
  if (pids.length > 0 && access.every(one => one === 'missing')) {
    throw new SockctlError('ERR_NOT_FOUND', `there is no process ${pids.join(' or ')}`)
  }
  if (pids.length > 0 && access.every(one => one !== 'denied')) return
  const hidden = hiddenOwners(list, candidates)
  if (!asksForOwners(selection) || hidden.count === 0) return
  const reason = hiddenReason(list.snapshot)
  const whose = `${hidden.count} hidden owners (${hidden.users}) may be what was asked for`
  throw new SockctlError('ERR_DENIED', `${nothingFound(selection)} that can be seen: ${whose}`, {
    hints: [...(reason === undefined ? [] : [`${reason}.`]), ...(isRoot() ? [] : [seeThem])],
  })
}

/** @throws ERR_DENIED when it may be in a network namespace that could not be looked into */
function ensureEveryNamespace({ warnings }: Snapshot, selection: Selection): void {
  const hidden = warnings.filter(({ code }) => code === 'netns-hidden')
  if (hidden.length === 0) return
  throw new SockctlError('ERR_DENIED', `${nothingFound(selection)} that can be seen`, {
    hints: hidden.map(({ message }) => message).slice(0, 2),
  })
}

/** On a terminal the first line answers. */
function sayFirst(question: Question, list: SocketList, { stdout, stderr }: Context): void {
  if (!stdout.isTTY || !stderr.isTTY) return
  const line = headline(question, list)
  if (line !== undefined) stderr.write(`${line}\n`)
}
