import { errnoOf, systemError } from '../../errors.ts'
import type { Owner } from '../types.ts'
import { type OpenLinks, openByPath } from './descriptor-links.ts'
import { isSameTable, readIds, readName, readSockets } from './descriptors.ts'

/** Which sockets to look for, and who looks. */
export interface OwnerQuestion {
  /** The inode of each socket, as in `socket:[4711]`, and the user who made it, where known. */
  readonly sockets: ReadonlyMap<number, number | undefined>
  /** Where proc(5) is mounted. */
  readonly procRoot: string
  readonly viewerUid: number | undefined
  /** How to read descriptors: by path, or faster through the C library. */
  readonly openLinks?: OpenLinks
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
  const { sockets, procRoot, viewerUid, openLinks = openByPath } = question
  const owners = new Map<number, Owner[]>()
  if (sockets.size === 0) return { owners, deniedProcesses: 0 }
  const open: OpenProcess[] = []
  let deniedProcesses = 0
  for (const pid of readProcesses(procRoot)) {
    const folder = `${procRoot}/${pid}`
    const onSocket = recorder(owners, sockets, { folder, pid })
    const outcome = tryToRead(() => {
      open.push({ folder, pid, highest: readSockets(`${folder}/fd`, openLinks, onSocket) })
    })
    if (outcome === 'denied') deniedProcesses++
  }
  const missing = missingSockets(sockets, owners, viewerUid)
  if (missing.size > 0) {
    for (const process of open) {
      const onSocket = recorder(owners, missing, process)
      tryToRead(() => readThreads(process, openLinks, onSocket))
    }
  }
  return { owners, deniedProcesses }
}

/** A process that can be looked into, and the highest of its descriptors, if it has any. */
interface OpenProcess {
  readonly folder: string
  readonly pid: number
  readonly highest: number | undefined
}

type OnSocket = (inode: number, fd: number) => void

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
    else known.push({ pid, fd, name })
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

/** Reads the tables of those threads that have left that of the process, each table once. */
function readThreads(process: OpenProcess, openLinks: OpenLinks, onSocket: OnSocket): void {
  const { folder, pid, highest } = process
  const known = highest === undefined ? [] : [{ folder: `${folder}/fd`, highest }]
  for (const tid of readIds(`${folder}/task`)) {
    if (tid === pid) continue
    const thread = `${folder}/task/${tid}/fd`
    tryToRead(() => {
      if (known.some(table => isSameTable(table.folder, table.highest, thread))) return
      const highest = readSockets(thread, openLinks, onSocket)
      if (highest !== undefined) known.push({ folder: thread, highest })
    })
  }
}

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
