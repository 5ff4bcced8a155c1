import { placesIn } from '../../../inspect/owners/places.ts'
import type { Snapshot, SocketRecord } from '../../../inspect/types.ts'
import type { InspectFlags } from './question.ts'

/** Where `--netns` and `--container` say to look. */
export interface Where {
  /** As in `SnapshotRequest`. */
  readonly netns: string | undefined
  /** Makes the test that sockets pass which are of the container. Undefined: all are wanted. */
  readonly belongsIn?: (snapshot: Snapshot) => (record: SocketRecord) => boolean
}

/**
 * Works out where to look. A container is looked for by its name or id, and with a network of its own
 * it is looked into there: sockets that no process holds any more (TIME_WAIT) then count as its own.
 *
 * @throws ERR_NOT_FOUND when there is no such container, ERR_USAGE when there are several
 */
export async function readWhere({
  netns,
  container,
  proc = '/proc',
}: InspectFlags): Promise<Where> {
  if (container === undefined) return { netns }
  const [{ findContainer }, { engines }, { namespaceOf }] = await Promise.all([
    import('../../../inspect/owners/container/find.ts'),
    import('../../../inspect/owners/container/engine.ts'),
    import('../../../inspect/namespaces/find.ts'),
  ])
  const { id, pid } = await findContainer(container, { engines: engines(), procRoot: proc })
  const network = namespaceOf(pid, proc).inode
  const isShared = network !== undefined && network === namespaceOf(process.pid, '/proc').inode
  return {
    netns: netns ?? (isShared ? undefined : String(pid)),
    belongsIn(snapshot) {
      const { isOfContainer } = placesIn(snapshot, proc)
      return record => (record.inode === 0 ? !isShared : isOfContainer(record, id))
    },
  }
}
