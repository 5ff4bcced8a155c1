import { existsSync } from 'node:fs'
import { errnoOf, SockctlError, systemError } from '../../errors.ts'
import {
  type FoundNamespace,
  listNamespaces,
  NAMED_FOLDERS,
  namedInode,
  namesIn,
  readNamespaceInode,
  tablesInode,
} from './list.ts'

/** Which namespace is meant, by its name, its number, or who lives in it. */
export interface NamespaceQuestion {
  /** `all`; a name in /run/netns; a pid, also `pid:4711`; the number in `net:[4026531833]`; a container. */
  readonly which: string
  readonly procRoot: string
  readonly namedFolders?: readonly string[]
}

/** What was found, and how many processes did not tell where they live. */
export interface FoundNamespaces {
  readonly namespaces: readonly FoundNamespace[]
  readonly deniedProcesses: number
}

/**
 * Finds the network namespaces that are meant. A name in /run/netns comes before a container of the
 * same name.
 *
 * @throws ERR_NOT_FOUND when there is none
 */
export async function findNamespaces(question: NamespaceQuestion): Promise<FoundNamespaces> {
  const { procRoot, namedFolders = NAMED_FOLDERS } = question
  const which = question.which.replace(/^pid:(?=\d+$)/, '')
  if (which === 'all') return ensureSome(listNamespaces(procRoot, namedFolders), procRoot)
  const one =
    (/^[1-9]\d*$/.test(which)
      ? byNumber(Number(which), procRoot, namedFolders)
      : byName(which, namedFolders)) ?? (await byContainer(question))
  return { namespaces: [one], deniedProcesses: 0 }
}

/** A /proc without processes, or of others only, does not even tell one's own. */
function ensureSome(found: FoundNamespaces, procRoot: string): FoundNamespaces {
  if (found.namespaces.length > 0) return found
  const code = found.deniedProcesses > 0 ? 'ERR_DENIED' : 'ERR_NOT_FOUND'
  throw new SockctlError(
    code,
    `no process in ${procRoot} tells in which network namespace it lives`,
  )
}

/** The namespace in which a process lives. */
export function namespaceOf(pid: number, procRoot: string): FoundNamespace {
  const file = `${procRoot}/${pid}/ns/net`
  try {
    return { inode: readNamespaceInode(file), name: undefined, file, pid }
  } catch (error) {
    const errno = errnoOf(error)
    // Which one it is only its owner may know, unless it is one's own; what is in it everybody may read.
    if (errno === 'EACCES' || errno === 'EPERM') {
      return ownNamespace(pid, procRoot) ?? { inode: undefined, name: undefined, file, pid }
    }
    if (errno === 'ENOENT' || errno === 'ESRCH') {
      throw new SockctlError('ERR_NOT_FOUND', `there is no process ${pid}`, { cause: error })
    }
    throw systemError(`cannot read ${file}`, error)
  }
}

/** This process's own namespace, if another lives in it too. */
function ownNamespace(pid: number, procRoot: string): FoundNamespace | undefined {
  const tables = tablesInode(`${procRoot}/${pid}`)
  if (typeof tables !== 'number' || tables !== tablesInode(`${procRoot}/self`)) return undefined
  const file = `${procRoot}/self/ns/net`
  return { inode: readNamespaceInode(file), name: undefined, file, pid }
}

function byName(name: string, folders: readonly string[]): FoundNamespace | undefined {
  // A name is one part of a path: no other file is opened.
  if (name.includes('/')) return undefined
  for (const folder of folders) {
    const file = `${folder}/${name}`
    const inode = namedInode(file)
    if (inode !== undefined) return { inode, name, file, pid: undefined }
  }
  return undefined
}

/** Pids are below 2^22, the numbers of namespaces above 2^31. */
function byNumber(
  number: number,
  procRoot: string,
  folders: readonly string[],
): FoundNamespace | undefined {
  if (existsSync(`${procRoot}/${number}`)) return named(namespaceOf(number, procRoot), folders)
  const found = listNamespaces(procRoot, folders).namespaces.find(({ inode }) => inode === number)
  if (found !== undefined) return found
  // A container's id can look like a number, but is longer.
  if (number >= 2 ** 32) return undefined
  const what = number < 2 ** 22 ? `process ${number}` : `network namespace ${number}`
  throw new SockctlError('ERR_NOT_FOUND', `there is no ${what}`)
}

function named(found: FoundNamespace, folders: readonly string[]): FoundNamespace {
  const { inode } = found
  if (inode === undefined) return found
  return { ...found, name: namesIn(folders).get(inode)?.name }
}

async function byContainer(question: NamespaceQuestion): Promise<FoundNamespace> {
  const { which, procRoot, namedFolders = NAMED_FOLDERS } = question
  const [{ findContainer }, { engines }] = await Promise.all([
    import('../owners/container/find.ts'),
    import('../owners/container/engine.ts'),
  ])
  try {
    const container = await findContainer(which, { engines: engines(), procRoot })
    return { ...namespaceOf(container.pid, procRoot), name: container.name }
  } catch (error) {
    if (!(error instanceof SockctlError) || error.code !== 'ERR_NOT_FOUND') throw error
    const names = listNamespaces(procRoot, namedFolders).namespaces.flatMap(one => one.name ?? [])
    const known = names.length === 0 ? [] : [`Named ones: ${names.sort().join(', ')}.`]
    throw new SockctlError('ERR_NOT_FOUND', `there is no network namespace or container ${which}`, {
      cause: error,
      hints: [...known, 'See them all: sockctl inspect --netns all'],
    })
  }
}
