import { peersIn } from '../../../inspect/explain/peers.ts'
import { interfaceNames } from '../../../inspect/interfaces.ts'
import type { ListedProcesses } from '../../../inspect/owners/process/listed.ts'
import { ALL_FAMILIES } from '../../../inspect/select/everything.ts'
import { sortByPort } from '../../../inspect/select/sort.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import { takeSnapshot } from '../../../inspect/snapshot.ts'
import type { SocketRecord, Wanted } from '../../../inspect/types.ts'
import { userNames } from '../../../inspect/users.ts'
import { sortRecords } from '../../../inspect/views/order.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import type { Context } from '../../context.ts'
import type { Appearance } from './appearance.ts'
import { chooseSockets } from './chosen-sockets.ts'
import type { Pasted } from './pasted.ts'
import type { InspectFlags, Question } from './question.ts'

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
 *   `chooseSockets` throw
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
  const choice = await chooseSockets({ selection, needs, flags, userName, context })
  const { request, wantsOwners } = choice
  const { wanted } = request
  const snapshot = await takeSnapshot({
    ...request,
    wanted: needs.peers ? withPeers(wanted) : isOverview ? withUses(wanted) : wanted,
    owners: needs.peers ? wantsOwners : request.owners,
  })
  const { records, candidates, ownershipOf, places } = await choice.choose(snapshot)
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
