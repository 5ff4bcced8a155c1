import type { Owner } from '../types.ts'
import { type DescriptorTables, plainTables } from './descriptor-tables.ts'
import { listProcesses, type RunningProcess } from './running-processes.ts'
import { OwnerSearch } from './search.ts'

/** Which sockets to look for, and who looks. */
export interface OwnerQuestion {
  /** The inode of each socket, as in `socket:[4711]`, and the user who made it, where known. */
  readonly sockets: ReadonlyMap<number, number | undefined>
  /** Where proc(5) is mounted. */
  readonly procRoot: string
  readonly viewerUid: number | undefined
  /** How to look into processes: plainly, or better through the C library. */
  readonly tables?: DescriptorTables
  /**
   * The tables that an answer of just now has read in vain. Large ones are read again only where their
   * size has changed, or where something stands behind their end: small ones take little time.
   */
  readonly counted?: OwnerAnswer['counted']
}

/** A table of descriptors that was read by counting: as many numbers as it had descriptors. */
export interface CountedTable {
  readonly read: number
  /** The number behind the last one. */
  readonly end: number
}

export interface OwnerAnswer {
  /** Every holder by inode. A socket of which none could be seen is not in it. */
  readonly owners: ReadonlyMap<number, readonly Owner[]>
  /** The processes that this user may not look into. */
  readonly denied: readonly RunningProcess[]
  /** The tables that were read whole by counting, by process. */
  readonly counted?: ReadonlyMap<number, CountedTable>
  /** Not even the process that looks could be seen: this is no /proc, or an empty one. */
  readonly seesNoProcess?: boolean
}

/**
 * Finds every process that holds one of these sockets: after fork(2), and where descriptors are
 * handed on, there are several. Processes that end meanwhile are left out; those that begin
 * meanwhile are looked into where a holder is missing, who may have left his socket to a child.
 *
 * Small tables of descriptors are read first. Once every socket has a holder, large ones are only
 * asked for the descriptors by which others hold the sockets: a child has them under the same
 * numbers. A holder that was handed a socket, under another number, beside more than a thousand of
 * its own, is then not seen.
 *
 * The threads of a process share a table of descriptors, so that reading it once is enough. Only for
 * sockets that are in no such table those of single threads are read too: a thread can have left
 * the common one (unshare(2)), and a process can outlive its first thread, whose table is then empty.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED when there is no such folder, or it cannot be read
 */
export function findOwners(question: OwnerQuestion): OwnerAnswer {
  const { sockets, procRoot, tables = plainTables, counted } = question
  const search = new OwnerSearch({ ...question, tables })
  const known = new Set<number>()
  for (let round = 0; round < MOST_ROUNDS && search.missing.size > 0; round++) {
    const processes = listProcesses(procRoot, known)
    if (processes.length === 0) break
    for (const { pid } of processes) known.add(pid)
    const isKnown = (one: RunningProcess): boolean => {
      const before = isLarge(one) ? counted?.get(one.pid) : undefined
      return before !== undefined && search.isUnchanged(one, before)
    }
    const unknown = counted === undefined ? processes : processes.filter(one => !isKnown(one))
    readAll(unknown, sockets, search)
    search.readThreads()
  }
  const seesNoProcess = sockets.size > 0 && known.size === 0
  const { owners, denied } = search
  return { owners, denied: [...denied], counted: search.counted, seesNoProcess }
}

/** Processes that fork faster than they can be listed are not followed for ever. */
const MOST_ROUNDS = 3

/** So many descriptors are read in a few milliseconds. */
const LARGEST_SMALL_TABLE = 1000

function isLarge({ descriptors = 0 }: RunningProcess): boolean {
  return descriptors > LARGEST_SMALL_TABLE
}

/** Listeners and what else was opened at the start have low numbers. */
const LOW_DESCRIPTORS = Array.from({ length: 64 }, (_, fd) => fd)

function readAll(
  processes: readonly RunningProcess[],
  sockets: OwnerQuestion['sockets'],
  search: OwnerSearch,
): void {
  const large: RunningProcess[] = []
  for (const process of processes) {
    if (isLarge(process)) large.push(process)
    // Threads of the kernel have none.
    else if (process.descriptors !== 0) search.readTable(process)
    else search.keepForThreads(process)
  }
  if (large.length === 0) return
  const users = new Set(sockets.values())
  large.sort(
    (a, b) =>
      Number(users.has(b.uid)) - Number(users.has(a.uid)) ||
      (a.descriptors ?? 0) - (b.descriptors ?? 0),
  )
  // Of many sockets the low ones are soon come by.
  if (search.missing.size <= LOW_DESCRIPTORS.length) {
    for (const process of large) {
      if (search.missing.size > 0) search.readDescriptors(process, LOW_DESCRIPTORS)
    }
  }
  /** From which descriptor on each was not read. */
  const unread = new Map(large.map(process => [process, 0]))
  for (const process of large) {
    if (search.missing.size === 0) break
    const stop = search.readTable(process, { untilAllAreFound: true })
    if (stop === undefined) unread.delete(process)
    else unread.set(process, stop.last + 1)
  }
  if (unread.size === 0) return
  const found = [...search.foundDescriptors()]
  for (const [process, first] of unread) {
    search.readDescriptors(
      process,
      found.filter(fd => fd >= first),
    )
  }
}
