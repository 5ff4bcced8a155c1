import { type Dirent, readdirSync, readlinkSync, statfsSync, statSync } from 'node:fs'
import { errnoOf, systemError } from '../../errors.ts'
import { readIds } from '../owners/descriptors.ts'
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
  /** How many processes do not tell this user where they live. */
  readonly deniedProcesses: number
}

/** Where ip-netns(8) and Docker keep namespaces under a name. */
export const NAMED_FOLDERS = ['/run/netns', '/run/docker/netns']

/**
 * Lists the network namespaces in which processes live, and those that are kept under a name.
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
  let deniedProcesses = 0
  for (const id of ['self', ...readPids(procRoot)]) {
    const file = `${procRoot}/${id}/ns/net`
    const inode = tryToReadInode(file)
    if (inode === 'denied') deniedProcesses++
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
  return { namespaces: [...found.values()], deniedProcesses }
}

/** Reads `net:[4026531833]`. */
export function readNamespaceInode(file: string): number {
  return Number(/\d+/.exec(readlinkSync(file))?.[0])
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
