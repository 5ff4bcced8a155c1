import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'
import { readIds, readName } from '../owners/descriptors.ts'
import type { ProcessFacts, ProcessHealth, Unlisted } from '../rules/types.ts'

/**
 * Makes what rules ask about processes from proc(5). What was read once is remembered: an answer
 * belongs to the moment of the first question.
 *
 * @param procRoot where proc(5) is mounted
 */
export function processFacts(procRoot: string): ProcessFacts {
  const known = new Map<number, ProcessHealth | undefined>()
  return {
    process(pid) {
      if (!known.has(pid)) known.set(pid, readProcess(procRoot, pid))
      return known.get(pid)
    },
    hasPath: (pid, path) => hasPath(`${procRoot}/${pid}`, path),
    shareFiles: (pid, other) => {
      const [one, two] = [pid, other].map(each => filesOf(`${procRoot}/${each}`))
      return one !== undefined && one === two
    },
  }
}

function readProcess(procRoot: string, pid: number): ProcessHealth | undefined {
  const folder = `${procRoot}/${pid}`
  return tryToRead(() => ({
    pid,
    name: readName(folder),
    state: readState(folder),
    descriptors: tryToRead(() => readdirSync(`${folder}/fd`).length),
    descriptorLimit: tryToRead(() => readLimit(folder)),
    isProgramDeleted: tryToRead(() => isDeleted(readlinkSync(`${folder}/exe`))),
  }))
}

/** The name in front of it stands in brackets, and may have brackets in it. */
function readState(folder: string): string {
  const stat = readFileSync(`${folder}/stat`, 'utf8')
  return stat.charAt(stat.lastIndexOf(')') + 2)
}

function readLimit(folder: string): number | undefined {
  const limits = readFileSync(`${folder}/limits`, 'utf8')
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? undefined : Number(soft)
}

/** A program that is only in memory (memfd_create) was never a file. */
function isDeleted(executable: string): boolean {
  return executable.endsWith(' (deleted)') && !executable.startsWith('/memfd:')
}

/** A path that is not absolute begins where the process is. */
function hasPath(folder: string, path: string): boolean | undefined {
  const place = path.startsWith('/') ? `${folder}/root${path}` : `${folder}/cwd/${path}`
  try {
    lstatSync(place)
    return true
  } catch (error) {
    // Where the process itself cannot be looked into, or has ended, nothing is known.
    const isGone = errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
    return isGone && existsSync(`${folder}/root/.`) ? false : undefined
  }
}

function filesOf(folder: string): string | undefined {
  return tryToRead(() => `${readlinkSync(`${folder}/ns/mnt`)} ${readlinkSync(`${folder}/root`)}`)
}

/**
 * Finds processes with sockets that are in no table. Only those in this network namespace count: the
 * tables tell nothing of others.
 *
 * @param sockets which are listed, and how many of those each process is known to hold
 * @param least fewer sockets of one process are not worth a word
 */
export function unlistedSockets(
  procRoot: string,
  { isListed, heldBy }: ListedSockets,
  least: number,
): Unlisted[] {
  const here = tryToRead(() => readlinkSync(`${procRoot}/self/ns/net`))
  const pids = tryToRead(() => readIds(procRoot)) ?? []
  return pids.flatMap(pid => {
    const folder = `${procRoot}/${pid}`
    const inodes = tryToRead(() => {
      if (readlinkSync(`${folder}/ns/net`) !== here) return []
      const fds = readdirSync(`${folder}/fd`)
      // Most descriptors of a process with very many are sockets that are listed.
      if (fds.length - (heldBy.get(pid) ?? 0) < least) return []
      return socketInodes(folder, fds).filter(one => !isListed(one))
    })
    if (inodes === undefined || inodes.length < least) return []
    return [{ pid, name: tryToRead(() => readName(folder)) ?? '?', inodes }]
  })
}

/** What tables and owners have told. */
export interface ListedSockets {
  isListed(inode: number): boolean
  /** By pid: descriptors that are known to be listed sockets. */
  readonly heldBy: ReadonlyMap<number, number>
}

function socketInodes(folder: string, fds: readonly string[]): number[] {
  const inodes = new Set<number>()
  for (const fd of fds) {
    const target = tryToRead(() => readlinkSync(`${folder}/fd/${fd}`))
    if (target?.startsWith('socket:[')) inodes.add(Number(target.slice(8, -1)))
  }
  return [...inodes]
}

/** Processes end, and some may not be looked into: neither is a failure. */
function tryToRead<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
