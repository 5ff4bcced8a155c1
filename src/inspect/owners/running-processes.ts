import { type Stats, statfsSync, statSync } from 'node:fs'
import { errnoOf, systemError } from '../../errors.ts'
import { readIds } from './descriptors.ts'

/** A process as far as every user can see it. */
export interface RunningProcess {
  readonly pid: number
  /** /proc/PID */
  readonly folder: string
  /** How many descriptors it has open; undefined where the system does not tell (before Linux 6.2). */
  readonly descriptors: number | undefined
  /** Whose it is: 0 too when it may not be looked into (prctl(2), PR_SET_DUMPABLE). */
  readonly uid: number
}

/**
 * Lists the processes that are not known yet, and what is told of each in passing. Those that end
 * meanwhile are left out.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED when there is no such folder, or it cannot be read
 */
export function listProcesses(procRoot: string, known: ReadonlySet<number>): RunningProcess[] {
  const pids = readPids(procRoot).filter(pid => !known.has(pid))
  const tellsCount = pids.length > 0 && tellsCountIn(procRoot)
  const processes: RunningProcess[] = []
  for (const pid of pids) {
    const folder = `${procRoot}/${pid}`
    const fd = tryToStat(`${folder}/fd`)
    // With hidepid=1 even this is hidden of others, but not that they are there.
    const found = fd ?? tryToStat(folder)
    if (found === undefined) continue
    const descriptors = tellsCount ? fd?.size : undefined
    processes.push({ pid, folder, uid: found.uid, descriptors })
  }
  return processes
}

function tryToStat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

function readPids(procRoot: string): number[] {
  try {
    return readIds(procRoot)
  } catch (error) {
    throw systemError(`cannot list the processes in ${procRoot}`, error)
  }
}

/** linux/magic.h */
const PROC_SUPER_MAGIC = 0x9fa0

/** Whether the size of a folder of descriptors is their number: not in a copy, nor before Linux 6.2. */
function tellsCountIn(procRoot: string): boolean {
  if (statfsSync(procRoot).type !== PROC_SUPER_MAGIC) return false
  return ['self', '1'].some(one => (tryToStat(`${procRoot}/${one}/fd`)?.size ?? 0) > 0)
}
