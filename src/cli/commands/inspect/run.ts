import { SockctlError } from '../../../errors.ts'
import { cgroupNames } from '../../../inspect/cgroups.ts'
import { ownershipIn } from '../../../inspect/explain/ownership.ts'
import { peersIn } from '../../../inspect/explain/peers.ts'
import { processAccess } from '../../../inspect/explain/process-access.ts'
import { interfaceNames } from '../../../inspect/interfaces.ts'
import { asksForOwners, ownerFilter, recordFilter } from '../../../inspect/select/selection.ts'
import { sortByPort } from '../../../inspect/select/sort.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import { holdersOf, takeSnapshot } from '../../../inspect/snapshot.ts'
import type { SocketRecord, Wanted } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { sortRecords } from '../../../inspect/views/order.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { terminalText } from '../../../terminal-text.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { writePieces } from '../../write-pieces.ts'
import type { Invocation } from '../types.ts'
import { type Appearance, readAppearance } from './appearance.ts'
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
import { viewOf } from './view.ts'

/** Runs `sockctl inspect`. */
export async function runInspect(
  { words, flags, typed }: Invocation<InspectFlags>,
  context: Context,
): Promise<number> {
  const question = readQuestion(words, flags)
  const appearance = readAppearance(flags, question)
  const { list, candidates } = await look(question, appearance, { flags, context })
  const isForPeople = appearance.format === 'table'
  const foundNothing = list.records.length === 0 && question.namesSockets
  const rootCommand = asRoot(typed, context.env)
  if (foundNothing) ensureAllWasSeen(question, { list, candidates, flags, rootCommand })

  if (isForPeople && foundNothing) {
    context.stderr.write(`${terminalText(nothingFound(question.selection))}\n`)
    const near = nearestName(question.selection, list)
    if (near !== undefined) context.stderr.write(`Did you mean ${terminalText(near)}?\n`)
  } else {
    if (isForPeople) sayFirst(question, list, context)
    const { pieces, leftOut } = await viewOf(list, appearance, { flags, context })
    await writePieces(pieces, context)
    if (isForPeople && leftOut !== undefined) context.stderr.write(`${leftOut}\n`)
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
  { selection, isOverview }: Question,
  { needs, sort }: Appearance,
  { flags, context }: { flags: InspectFlags; context: Context },
): Promise<Seen> {
  const wanted = needs.peers
    ? withPeers(selection)
    : needs.owners
      ? withListeners(selection)
      : selection
  const snapshot = await takeSnapshot({
    wanted: { ...wanted, details: needs.details },
    owners: needs.owners,
    now: () => context.now(),
    ...(flags.source !== undefined && { source: flags.source }),
    ...(flags.proc !== undefined && { procRoot: flags.proc }),
  })
  const candidates = snapshot.records.filter(recordFilter(selection))
  const records = asksForOwners(selection)
    ? candidates.filter(one => holdersOf(snapshot, one)?.some(ownerFilter(selection)))
    : candidates
  const facts = {
    snapshot,
    ownershipOf: needs.owners ? ownershipIn(snapshot, process.getuid?.()) : undefined,
    userName: userNames(),
    interfaceName: interfaceNames(),
    cgroupName: cgroupNames(),
    peerOf: needs.peers ? peersIn(snapshot) : undefined,
  }
  const inOrder = isOverview ? sortByPort(records) : records
  return { list: { ...facts, records: sortRecords(inOrder, sort, facts) }, candidates }
}

/** The other end may be in any state, and in the other family (a dual-stack listener's IPv4). */
function withPeers({ protocols }: Wanted): Wanted {
  return { protocols, families: new Set(['ipv4', 'ipv6', 'unix']), states: new Set(ALL_STATES) }
}

/** A connection that nobody has accepted is explained by its listener. */
function withListeners({ protocols, families, states }: Wanted): Wanted {
  return { protocols, families, states: new Set([...states, 'listen']) }
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
