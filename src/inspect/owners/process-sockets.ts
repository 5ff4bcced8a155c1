import { errnoOf } from '../../errors.ts'
import type { DescriptorTables } from './descriptor-tables.ts'
import { readIds, readSockets } from './descriptors.ts'

/** A process whose descriptors are to be read. */
export interface TableOwner {
  readonly pid: number
  /** /proc/PID */
  readonly folder: string
}

/**
 * Lists the folders of descriptors of those threads that have left the table of their process
 * (unshare(2), CLONE_FILES), or outlive it. Where it cannot be told which have, all are listed, unless
 * the process has so many descriptors that it would take long.
 *
 * @param descriptors how many the process has in its common table
 * @throws with `code` ENOENT, ESRCH when the process has ended
 */
export function* threadTables(
  { pid, folder }: TableOwner,
  descriptors: number,
  tables: DescriptorTables,
): Generator<string> {
  const known = descriptors === 0 ? [] : [pid]
  for (const tid of readIds(`${folder}/task`)) {
    if (tid === pid) continue
    const shared = known.map(thread => tables.isShared(thread, tid))
    if (shared.includes(true)) continue
    if (shared.includes(undefined) && descriptors > MOST_READ_TWICE) continue
    yield `${folder}/task/${tid}/fd`
    known.push(tid)
  }
}

/** At 6 microseconds each, times the number of threads. */
const MOST_READ_TWICE = 256

/**
 * Reads every socket that a process holds, in its common table and in those that its threads have for
 * themselves.
 *
 * @returns the first descriptor of each, by inode
 * @throws with `code` EACCES when this user may not look; ENOENT, ESRCH when the process has ended
 */
export function socketsOfProcess(
  owner: TableOwner,
  tables: DescriptorTables,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  const add = (inode: number, fd: number): boolean => {
    if (!found.has(inode)) found.set(inode, fd)
    return false
  }
  const { read } = readSockets({ path: `${owner.folder}/fd` }, tables, add)
  for (const path of threadTables(owner, read, tables)) {
    try {
      readSockets({ path }, tables, add)
    } catch (error) {
      // A thread may have ended meanwhile, and the others hold what they held.
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ESRCH') throw error
    }
  }
  return found
}
