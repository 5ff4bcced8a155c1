import { errnoOf, systemError } from '../../errors.ts'
import type { Owner } from '../types.ts'
import type { DescriptorTables } from './descriptor-tables.ts'
import { hasMore, type OnSocket, readName, readSockets, readSomeSockets } from './descriptors.ts'
import type { CountedTable, OwnerQuestion } from './find-owners.ts'
import { threadTables } from './process-sockets.ts'
import type { RunningProcess } from './running-processes.ts'

/** A process that can be looked into, and how many descriptors it was seen to have. */
interface OpenProcess {
  readonly process: RunningProcess
  readonly descriptors: number
}

/** What has been found of the holders of some sockets, and how to read one process more. */
export class OwnerSearch {
  /** Every holder found, by inode. */
  readonly owners = new Map<number, Owner[]>()
  /** Those that may not be looked into. */
  readonly denied = new Set<RunningProcess>()
  /** The tables that were read whole by counting, by process. */
  readonly counted = new Map<number, CountedTable>()
  /** The sockets without a holder so far. */
  readonly missing: Set<number>
  readonly #question: OwnerQuestion
  readonly #tables: DescriptorTables
  /** Whose threads have not been read. */
  #open: OpenProcess[] = []

  constructor(question: OwnerQuestion & { readonly tables: DescriptorTables }) {
    this.#question = question
    this.#tables = question.tables
    this.missing = new Set(question.sockets.keys())
  }

  /**
   * Reads all descriptors of a process; if asked to, only until every socket has a holder.
   *
   * @returns the descriptor at which it stopped; undefined: it has read them all
   */
  readTable(
    process: RunningProcess,
    { untilAllAreFound = false } = {},
  ): { readonly last: number } | undefined {
    const folder = { path: `${process.folder}/fd`, count: process.descriptors }
    let stop: { readonly last: number } | undefined
    const write = this.#recorder(process)
    const record = (inode: number, fd: number): boolean => {
      write(inode, fd)
      const isEnough = untilAllAreFound && this.missing.size === 0
      if (isEnough) stop = { last: fd }
      return isEnough
    }
    const table = this.#tryToRead(process, () => readSockets(folder, this.#tables, record))
    if (table === undefined) return stop
    const { read, end } = table
    this.#open.push({ process, descriptors: read })
    if (end !== undefined && stop === undefined) this.counted.set(process.pid, { read, end })
    return stop
  }

  /** Whether a table is as it was read before, as far as that can be told without reading it. */
  isUnchanged(process: RunningProcess, { read, end }: CountedTable): boolean {
    if (process.descriptors !== read) return false
    const path = `${process.folder}/fd`
    return this.#tryToRead(process, () => !hasMore(path, this.#tables, end)) ?? false
  }

  /** Reads some descriptors of a process, whether or not they are open. */
  readDescriptors(process: RunningProcess, fds: Iterable<number>): void {
    const onSocket = this.#recorder(process)
    const folder = `${process.folder}/fd`
    this.#tryToRead(process, () => readSomeSockets(folder, this.#tables, { fds, onSocket }))
  }

  /** Remembers a process without descriptors, which its threads can have all the same. */
  keepForThreads(process: RunningProcess): void {
    this.#open.push({ process, descriptors: 0 })
  }

  /** The descriptors by which the sockets are held, as far as is known. */
  foundDescriptors(): ReadonlySet<number> {
    const fds = new Set<number>()
    for (const owners of this.owners.values()) {
      for (const { fd } of owners) if (fd !== undefined) fds.add(fd)
    }
    return fds
  }

  /**
   * Looks for what is missing in the tables of those threads that have left that of their process.
   * What belongs to users whose processes cannot be seen is not looked for.
   */
  readThreads(): void {
    const { sockets, viewerUid } = this.#question
    const processes = this.#open
    this.#open = []
    const isOurs = (inode: number): boolean => viewerUid === 0 || sockets.get(inode) === viewerUid
    if (![...this.missing].some(isOurs)) return
    for (const one of processes) {
      // Most processes end while they have one thread; a thread of the kernel has no others.
      this.#tryToRead(one.process, () => this.#readThreadsOf(one))
    }
  }

  #readThreadsOf({ process, descriptors }: OpenProcess): void {
    for (const path of threadTables(process, descriptors, this.#tables)) {
      const onSocket = this.#recorder(process)
      this.#tryToRead(process, () => readSockets({ path }, this.#tables, onSocket))
    }
  }

  /** Makes the function that writes down a holder. The name is read when there is one to hold. */
  #recorder({ folder, pid }: RunningProcess): OnSocket {
    const { owners, missing } = this
    const { sockets } = this.#question
    let name: string | undefined
    return (inode, fd) => {
      if (!sockets.has(inode)) return false
      name ??= readName(folder)
      const known = owners.get(inode)
      if (known === undefined) owners.set(inode, [{ pid, fd, name }])
      // Threads of one process may show one table.
      else if (!known.some(one => one.pid === pid && one.fd === fd)) known.push({ pid, fd, name })
      missing.delete(inode)
      return false
    }
  }

  /** A process may end while it is read, and may be none of this user's business. */
  #tryToRead<T>(process: RunningProcess, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === undefined || errno === 'EMFILE' || errno === 'ENFILE') {
        throw systemError('cannot read who holds the sockets', error)
      }
      if (errno === 'EACCES' || errno === 'EPERM') this.denied.add(process)
      return undefined
    }
  }
}
