import { errnoOf, systemError } from '../../errors.ts'
import type { Owner } from '../types.ts'
import { type DescriptorTables, plainTables } from './descriptor-tables.ts'
import { type OnSocket, readIds, readName, readSockets } from './descriptors.ts'

/** Which sockets to look for, and who looks. */
export interface OwnerQuestion {
  /** The inode of each socket, as in `socket:[4711]`, and the user who made it, where known. */
  readonly sockets: ReadonlyMap<number, number | undefined>
  /** Where proc(5) is mounted. */
  readonly procRoot: string
  readonly viewerUid: number | undefined
  /** How to look into processes: plainly, or better through the C library. */
  readonly tables?: DescriptorTables
}

export interface OwnerAnswer {
  /** Every holder by inode. A socket of which none could be seen is not in it. */
  readonly owners: ReadonlyMap<number, readonly Owner[]>
  /** How many processes this user may not look into. */
  readonly deniedProcesses: number
}

/**
 * Finds every process that holds one of these sockets: after fork(2), and where descriptors are
 * handed on, there are several. Processes that end meanwhile are left out.
 *
 * The threads of a process share a table of descriptors, so that reading it once is enough. Only for
 * sockets that are in no such table those of single threads are read too: a thread can have left
 * the common one (unshare(2)), and a process can outlive its first thread, whose table is then empty.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED when there is no such folder, or it cannot be read
 */
export function findOwners(question: OwnerQuestion): OwnerAnswer {
  const { sockets, procRoot, viewerUid, tables = plainTables } = question
  const owners = new Map<number, Owner[]>()
  if (sockets.size === 0) return { owners, deniedProcesses: 0 }
  const open: OpenProcess[] = []
  let deniedProcesses = 0
  for (const pid of readProcesses(procRoot)) {
    const folder = `${procRoot}/${pid}`
    const onSocket = recorder(owners, sockets, { folder, pid })
    const outcome = tryToRead(() => {
      open.push({ folder, pid, descriptors: readSockets(`${folder}/fd`, tables, onSocket) })
    })
    if (outcome === 'denied') deniedProcesses++
  }
  const missing = missingSockets(sockets, owners, viewerUid)
  if (missing.size > 0) {
    for (const process of open) {
      const onSocket = recorder(owners, missing, process)
      tryToRead(() => readThreads(process, tables, onSocket))
    }
  }
  return { owners, deniedProcesses }
}

/** A process that can be looked into, and how many descriptors it has. */
interface OpenProcess {
  readonly folder: string
  readonly pid: number
  readonly descriptors: number
}

/** Makes the function that writes down a holder. The name is read when there is something to hold. */
function recorder(
  owners: Map<number, Owner[]>,
  wanted: { has(inode: number): boolean },
  { folder, pid }: { readonly folder: string; readonly pid: number },
): OnSocket {
  let name: string | undefined
  return (inode, fd) => {
    if (!wanted.has(inode)) return
    name ??= readName(folder)
    const known = owners.get(inode)
    if (known === undefined) owners.set(inode, [{ pid, fd, name }])
    // Threads of one process may show one table.
    else if (!known.some(one => one.pid === pid && one.fd === fd)) known.push({ pid, fd, name })
  }
}

function readProcesses(procRoot: string): number[] {
  try {
    return readIds(procRoot)
  } catch (error) {
    throw systemError(`cannot list the processes in ${procRoot}`, error)
  }
}

/** Sockets without a holder, of users whose processes can be seen: whose holder should be there. */
function missingSockets(
  sockets: ReadonlyMap<number, number | undefined>,
  owners: ReadonlyMap<number, unknown>,
  viewerUid: number | undefined,
): ReadonlySet<number> {
  const missing = new Set<number>()
  for (const [inode, uid] of sockets) {
    if (!owners.has(inode) && (viewerUid === 0 || uid === viewerUid)) missing.add(inode)
  }
  return missing
}

/**
 * Reads the tables of those threads that have left that of the process. Where it cannot be told
 * which have, all are read, unless the process has so many descriptors that it would take long.
 */
function readThreads(process: OpenProcess, tables: DescriptorTables, onSocket: OnSocket): void {
  const known = process.descriptors === 0 ? [] : [process.pid]
  for (const tid of readIds(`${process.folder}/task`)) {
    if (tid === process.pid) continue
    const shared = known.map(thread => tables.isShared(thread, tid))
    if (shared.includes(true)) continue
    if (shared.includes(undefined) && process.descriptors > MOST_READ_TWICE) continue
    tryToRead(() => readSockets(`${process.folder}/task/${tid}/fd`, tables, onSocket))
    known.push(tid)
  }
}

/** At 6 microseconds each, times the number of threads. */
const MOST_READ_TWICE = 256

/** A process may end while it is read, and may be none of this user's business. */
function tryToRead(read: () => void): 'read' | 'gone' | 'denied' {
  try {
    read()
    return 'read'
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined || errno === 'EMFILE' || errno === 'ENFILE') {
      throw systemError('cannot read who holds the sockets', error)
    }
    return errno === 'EACCES' || errno === 'EPERM' ? 'denied' : 'gone'
  }
}
