import { readNetwork } from '../namespaces/list.ts'
import type { DescriptorTables } from './descriptor-tables.ts'
import { readIds, readName } from './descriptors.ts'
import { countDescriptors } from './process/descriptor-count.ts'
import { socketsOfProcess } from './process-sockets.ts'
import { tryToRead } from './try-to-read.ts'

/** A process, and its sockets that are in no table of this network namespace. */
export interface Unlisted {
  readonly pid: number
  /** Chosen by the process itself. */
  readonly name: string
  readonly inodes: readonly number[]
}

/** What tables and owners have told. */
export interface ListedSockets {
  isListed(inode: number): boolean
  /** By pid: descriptors that are known to be listed sockets. */
  readonly heldBy: ReadonlyMap<number, number>
}

/**
 * Finds processes with sockets that are in no table: they may be bound to a port without listening
 * (kernels before 6.8 do not list those, nor does /proc), not bound at all, or of another kind. Only
 * those in this network namespace count: the tables tell nothing of others.
 *
 * @param least fewer sockets of one process are not worth a word
 */
export function unlistedSockets(
  procRoot: string,
  { isListed, heldBy }: ListedSockets,
  { least, tables }: { readonly least: number; readonly tables: DescriptorTables },
): Unlisted[] {
  const here = readNetwork(`${procRoot}/self`)
  const pids = tryToRead(() => readIds(procRoot)) ?? []
  return pids.flatMap(pid => {
    const folder = `${procRoot}/${pid}`
    if (readNetwork(folder) !== here) return []
    const inodes = tryToRead(() => {
      // Most descriptors of a process with very many are sockets that are listed.
      if (countDescriptors(folder) - (heldBy.get(pid) ?? 0) < least) return []
      return [...socketsOfProcess({ pid, folder }, tables).keys()].filter(one => !isListed(one))
    })
    if (inodes === undefined || inodes.length < least) return []
    return [{ pid, name: tryToRead(() => readName(folder)) ?? '?', inodes }]
  })
}
