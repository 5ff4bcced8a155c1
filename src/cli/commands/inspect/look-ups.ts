import type { OwnershipOf } from '../../../inspect/explain/ownership.ts'
import type { Places } from '../../../inspect/owners/places.ts'
import { needsOf } from '../../../inspect/select/needs.ts'
import type { LookUps } from '../../../inspect/select/plan.ts'
import { conditionOf, type Selection } from '../../../inspect/select/selection.ts'
import type { Snapshot, SocketRecord } from '../../../inspect/types.ts'
import type { UserName } from '../../../inspect/users.ts'

/** What is known of the sockets beyond their records. */
interface Known {
  readonly ownershipOf: OwnershipOf | undefined
  readonly userName: UserName
  readonly places: Places
}

/** Looks up what a selection asks beyond the records: names of containers only when it does. */
export async function lookUpsFor(
  selection: Selection,
  { records }: Snapshot,
  { ownershipOf, userName, places }: Known,
): Promise<LookUps> {
  const needs = needsOf(conditionOf(selection))
  const isHidden = (record: SocketRecord): boolean => ownershipOf?.(record).kind === 'hidden'
  const names = needs.containers ? await namesOfContainers(records, places) : new Map()
  return {
    ownershipOf,
    userName,
    containerOf(record) {
      const container = places.containerOf(record)
      if (container === undefined) return isHidden(record) ? 'hidden' : undefined
      return { id: container.id, name: names.get(container.id) }
    },
    unitOf: record => places.unitOf(record) ?? (isHidden(record) ? 'hidden' : undefined),
  }
}

async function namesOfContainers(
  records: readonly SocketRecord[],
  { containerOf }: Places,
): Promise<ReadonlyMap<string, string>> {
  const [{ engines }, { containerNames }] = await Promise.all([
    import('../../../inspect/owners/container/engine.ts'),
    import('../../../inspect/owners/container/names.ts'),
  ])
  const ids = records.flatMap(record => containerOf(record)?.id ?? [])
  return containerNames(ids, engines())
}
