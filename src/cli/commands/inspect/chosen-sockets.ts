import { SockctlError } from '../../../errors.ts'
import { type OwnershipOf, ownershipIn } from '../../../inspect/explain/ownership.ts'
import { type Places, placesIn } from '../../../inspect/owners/places.ts'
import { planSelection, type Selected } from '../../../inspect/select/plan.ts'
import { asksForOwners, type Selection } from '../../../inspect/select/selection.ts'
import type { SnapshotRequest } from '../../../inspect/snapshot.ts'
import type { Detail, Snapshot } from '../../../inspect/types.ts'
import type { UserName } from '../../../inspect/users.ts'
import type { Context } from '../../context.ts'
import { lookUpsFor } from './look-ups.ts'
import type { Pasted } from './pasted.ts'
import type { InspectFlags } from './question.ts'
import { readWhere } from './where.ts'

/** How sockets are chosen, and what for. */
export interface ChoiceOrder {
  readonly selection: Selection
  readonly needs: { readonly owners: boolean; readonly details: ReadonlySet<Detail> | undefined }
  readonly flags: InspectFlags & Partial<Pick<Pasted, 'pastedText'>>
  readonly userName: UserName
  readonly context: Context
}

/** How to look at what was asked for, once or again and again, and how to choose from what is seen. */
export interface SocketChoice {
  readonly request: SnapshotRequest
  /** Who holds the sockets is to be shown, also where choosing does without. */
  readonly wantsOwners: boolean
  /**
   * Chooses from a snapshot of the request.
   *
   * @param remember adds to who holds the sockets who held them before
   * @throws ERR_UNSUPPORTED when it asks for owners where none can be told
   */
  choose(
    snapshot: Snapshot,
    remember?: (ownershipOf: OwnershipOf) => OwnershipOf,
  ): Promise<ChosenSockets>
}

export interface ChosenSockets extends Selected {
  /** Undefined: nobody has been looked for, or nobody can be. */
  readonly ownershipOf: OwnershipOf | undefined
  readonly places: Places
}

/**
 * Plans how to look at what was asked for.
 *
 * @throws what `planSelection` and `readWhere` throw
 */
export async function chooseSockets({
  selection,
  needs,
  flags,
  userName,
  context,
}: ChoiceOrder): Promise<SocketChoice> {
  const { source, proc, pastedText } = flags
  const where = await readWhere(flags)
  const wantsOwners = needs.owners || where.belongsIn !== undefined
  const details = new Set([...(selection.details ?? []), ...(needs.details ?? [])])
  const plan = await planSelection({ ...selection, details }, { wantsOwners, userName })
  return {
    wantsOwners,
    request: {
      wanted: plan.wanted,
      owners: wantsOwners && plan.mayNeedOwners,
      now: () => context.now(),
      ...(source !== undefined && { source }),
      ...(proc !== undefined && { procRoot: proc }),
      ...(pastedText !== undefined && { pastedText }),
      ...(where.netns !== undefined && { netns: where.netns }),
    },
    async choose(snapshot, remember = ownershipOf => ownershipOf) {
      const hasOwners = wantsOwners && snapshot.owners !== undefined
      if (asksForOwners(selection) && !hasOwners) throw noProcesses(flags)
      const places = placesIn(snapshot, proc)
      const ownershipOf = hasOwners
        ? remember(ownershipIn(snapshot, process.getuid?.(), places.unitOf))
        : undefined
      const lookUps = await lookUpsFor(selection, snapshot, { ownershipOf, userName, places })
      const selected = plan.select(snapshot, lookUps)
      const belongs = where.belongsIn?.(snapshot)
      if (belongs === undefined) return { ...selected, ownershipOf, places }
      const records = selected.records.filter(belongs)
      const candidates = selected.candidates.filter(belongs)
      return { records, candidates, ownershipOf, places }
    },
  }
}

/** A folder with tables alone is no place to look for processes. */
function noProcesses({ proc = '/proc' }: InspectFlags): SockctlError {
  const message = `cannot tell who holds a socket: ${proc} has no processes`
  return new SockctlError('ERR_UNSUPPORTED', message)
}
