import { type Dirent, readdirSync, readlinkSync, statfsSync, statSync } from 'node:fs'
import { errnoOf, systemError } from '../../errors.ts'
import { readIds } from '../owners/descriptors.ts'
import { tryToRead } from '../owners/try-to-read.ts'
import type { NetworkNamespace } from '../types.ts'

/** A network namespace, and the ways into it. */
export interface FoundNamespace extends NetworkNamespace {
  /** Its file, to enter it by: /run/netns/NAME, /proc/PID/ns/net. */
  readonly file: string
  /** A process that lives in it, by which it can be read without entering. */
  readonly pid: number | undefined
}

/** All that can be seen, this process's own first. */
export interface NamespaceList {
  readonly namespaces: readonly FoundNamespace[]
  /** How many processes do not tell this user where they live, and live in none of these. */
  readonly deniedProcesses: number
}

/** Where ip-netns(8) and Docker keep namespaces under a name. */
export const NAMED_FOLDERS = ['/run/netns', '/run/docker/netns']

/**
 * Lists the network namespaces in which processes live, and those that are kept under a name. Of one
 * whose processes do not tell its number, that it is another one everybody may see.
 *
 * @param procRoot where proc(5) is mounted
 * @throws ERR_NOT_FOUND, ERR_DENIED when there is no such folder, or it cannot be read
 */
export function listNamespaces(
  procRoot: string,
  namedFolders: readonly string[] = NAMED_FOLDERS,
): NamespaceList {
  const names = namesIn(namedFolders)
  const found = new Map<number, FoundNamespace>()
  const denied: number[] = []
  for (const id of ['self', ...readPids(procRoot)]) {
    const file = `${procRoot}/${id}/ns/net`
    const inode = tryToReadInode(file)
    if (inode === 'denied' && id !== 'self') denied.push(Number(id))
    if (typeof inode !== 'number' || found.has(inode)) continue
    found.set(inode, {
      inode,
      name: names.get(inode)?.name,
      file,
      pid: id === 'self' ? undefined : Number(id),
    })
  }
  for (const [inode, named] of names) {
    const known = found.get(inode)
    if (known === undefined) found.set(inode, { inode, ...named, pid: undefined })
  }
  const namespaces = [...found.values()]
  const others = withoutNumbers(denied, procRoot, namespaces)
  return { ...others, namespaces: [...namespaces, ...others.namespaces] }
}

/**
 * Finds the namespaces of processes that do not tell where they live. The files in /proc/PID/net, which
 * everybody may read, are the same in each process of a namespace, and in no others.
 */
function withoutNumbers(
  pids: readonly number[],
  procRoot: string,
  namespaces: readonly FoundNamespace[],
): NamespaceList {
  if (pids.length === 0) return { namespaces: [], deniedProcesses: 0 }
  const known = new Set(
    namespaces.map(({ pid }) => tablesInode(`${procRoot}/${pid ?? 'self'}`) ?? 'unknown'),
  )
  const found: FoundNamespace[] = []
  let deniedProcesses = 0
  for (const pid of pids) {
    const folder = `${procRoot}/${pid}`
    const tables = tablesInode(folder)
    if (typeof tables === 'number' && !known.has(tables)) {
      known.add(tables)
      found.push({ inode: undefined, name: undefined, file: `${folder}/ns/net`, pid })
    }
    const isElsewhere = tables === undefined && !threadsTables(folder).every(one => known.has(one))
    if (tables === 'denied' || isElsewhere) deniedProcesses++
  }
  return { namespaces: found, deniedProcesses }
}

/**
 * The inode of a table in the folder of a process: proc(5) gives those of each namespace numbers of their own. Undefined: the
 * thread has ended, and is in no namespace any more.
 */
export function tablesInode(folder: string): number | 'denied' | undefined {
  try {
    return statSync(`${folder}/net/dev`).ino
  } catch (error) {
    const errno = errnoOf(error)
    return errno === 'EACCES' || errno === 'EPERM' ? 'denied' : undefined
  }
}

/** A process can outlive its first thread. Of one that has ended altogether there is nothing. */
function threadsTables(folder: string): (number | 'denied')[] {
  return listFolder(`${folder}/task`).flatMap(
    ({ name }) => tablesInode(`${folder}/task/${name}`) ?? [],
  )
}

/** Reads `net:[4026531833]`. */
export function readNamespaceInode(file: string): number {
  return Number(/\d+/.exec(readlinkSync(file))?.[0])
}

/**
 * Tells in which network namespace a process lives, by its number; undefined where this user may not
 * know, or the process has ended.
 *
 * @param processFolder /proc/PID, /proc/self
 */
export function readNetwork(processFolder: string): number | undefined {
  return tryToRead(() => readNamespaceInode(`${processFolder}/ns/net`))
}

/** linux/magic.h */
const NSFS_MAGIC = 0x6e736673

/** The inode of a namespace that is kept under a name; undefined for a file that is none. */
export function namedInode(file: string): number | undefined {
  try {
    return statfsSync(file).type === NSFS_MAGIC ? statSync(file).ino : undefined
  } catch {
    return undefined
  }
}

/** The namespaces that are kept under a name, by inode. */
export function namesIn(
  folders: readonly string[],
): ReadonlyMap<number, { readonly name: string; readonly file: string }> {
  const names = new Map<number, { name: string; file: string }>()
  for (const folder of folders) {
    for (const { name } of listFolder(folder)) {
      const file = `${folder}/${name}`
      const inode = namedInode(file)
      if (inode !== undefined && !names.has(inode)) names.set(inode, { name, file })
    }
  }
  return names
}

function listFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function readPids(procRoot: string): number[] {
  try {
    return readIds(procRoot).sort((a, b) => a - b)
  } catch (error) {
    throw systemError(`cannot list the processes in ${procRoot}`, error)
  }
}

function tryToReadInode(file: string): number | 'denied' | 'gone' {
  try {
    return readNamespaceInode(file)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    return errno === 'EACCES' || errno === 'EPERM' ? 'denied' : 'gone'
  }
}
