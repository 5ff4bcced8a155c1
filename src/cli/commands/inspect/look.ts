import { SockctlError } from '../../../errors.ts'
import { ownershipIn } from '../../../inspect/explain/ownership.ts'
import { peersIn } from '../../../inspect/explain/peers.ts'
import { interfaceNames } from '../../../inspect/interfaces.ts'
import { placesIn } from '../../../inspect/owners/places.ts'
import type { ListedProcesses } from '../../../inspect/owners/process/listed.ts'
import { ALL_FAMILIES } from '../../../inspect/select/everything.ts'
import { planSelection } from '../../../inspect/select/plan.ts'
import { asksForOwners } from '../../../inspect/select/selection.ts'
import { sortByPort } from '../../../inspect/select/sort.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import { takeSnapshot } from '../../../inspect/snapshot.ts'
import type { SocketRecord, Wanted } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { sortRecords } from '../../../inspect/views/order.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import type { Context } from '../../context.ts'
import type { Appearance } from './appearance.ts'
import { lookUpsFor } from './look-ups.ts'
import type { Pasted } from './pasted.ts'
import type { InspectFlags, Question } from './question.ts'
import { readWhere } from './where.ts'

/** What was found. */
export interface Seen {
  readonly list: SocketList
  /** What the records alone let through: the selected ones, and those whose owners did not match. */
  readonly candidates: readonly SocketRecord[]
}

/**
 * Takes a snapshot of what the question is about, and selects from it.
 *
 * @throws ERR_UNSUPPORTED when it asks for owners where none can be told, and what `takeSnapshot` and
 *   `planSelection` throw
 */
export async function look(
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
    wanted: needs.peers ? withPeers(plan.wanted) : isOverview ? withUses(plan.wanted) : plan.wanted,
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

/** How many use a listener is told by the others, of which nobody has to be found. */
function withUses(wanted: Wanted): Wanted {
  return { ...wanted, states: new Set(ALL_STATES) }
}

/** The other end may be in any state, and in the other family (a dual-stack listener's IPv4). */
function withPeers({ protocols, details }: Wanted): Wanted {
  return { protocols, details, families: new Set(ALL_FAMILIES), states: new Set(ALL_STATES) }
}

/** A folder with tables alone is no place to look for processes. */
function noProcesses({ proc = '/proc' }: InspectFlags): SockctlError {
  const message = `cannot tell who holds a socket: ${proc} has no processes`
  return new SockctlError('ERR_UNSUPPORTED', message)
}
