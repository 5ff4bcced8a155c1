import { readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'
import { type DescriptorTables, plainTables } from '../owners/descriptor-tables.ts'
import { readIds, readSockets } from '../owners/descriptors.ts'
import { readStat } from '../owners/process/stat.ts'
import { type TableOwner, threadTables } from '../owners/process-sockets.ts'

/**
 * Who is meant: a process that held these sockets when it was looked at. Its number alone does not
 * name it, because numbers are given again.
 */
export interface HolderIdentity {
  readonly pid: number
  /** When it started, in ticks of 1/100 s since the system did. */
  readonly startTicks: number
  /** The inodes of the sockets for which it is to be stopped. */
  readonly inodes: ReadonlySet<number>
  /** The descriptors by which it was seen to hold them, below its folder: `fd/3`. Read first. */
  readonly descriptors: readonly string[]
}

/** What became of the process that was meant. */
export type HolderState =
  | 'same' // it is the one, and holds at least one of the sockets
  | 'released' // it is the one, and holds none of them any more
  | 'ended'
  | 'another' // its number was given to another process
  | 'denied' // this user may not see what it holds

/** Where and how a process is looked into. */
export interface Looking {
  /** Where proc(5) is mounted. */
  readonly procRoot?: string
  readonly tables?: DescriptorTables
}

/**
 * Notes who a process is that holds these sockets, or may: one that this user may not look into is
 * noted too.
 *
 * @returns undefined when it has ended, or holds none of them
 */
export function identifyHolder(
  pid: number,
  inodes: ReadonlySet<number>,
  { procRoot = '/proc', tables = plainTables }: Looking = {},
): HolderIdentity | undefined {
  const folder = `${procRoot}/${pid}`
  try {
    const { startTicks } = readStat(folder)
    const descriptors = descriptorsOf({ pid, folder }, { inodes, tables })
    const identity = { pid, startTicks, inodes, descriptors }
    // Asked in this order: what holds the socket now is the process that started then.
    return stateOfHolder(identity, { procRoot, tables }) === 'same' ? identity : undefined
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    return isDenial(errno) ? unseenHolder(pid, inodes, procRoot) : undefined
  }
}

/** When it started is told of every process. */
function unseenHolder(
  pid: number,
  inodes: ReadonlySet<number>,
  procRoot: string,
): HolderIdentity | undefined {
  try {
    const { startTicks } = readStat(`${procRoot}/${pid}`)
    return { pid, startTicks, inodes, descriptors: [] }
  } catch {
    return undefined
  }
}

/** Reads again whether the process is the one that was meant, and still holds the sockets. */
export function stateOfHolder(
  holder: HolderIdentity,
  { procRoot = '/proc', tables = plainTables }: Looking = {},
): HolderState {
  const folder = `${procRoot}/${holder.pid}`
  try {
    return lifeOf(holder, folder) ?? (holdsAny(folder, holder, tables) ? 'same' : 'released')
  } catch (error) {
    return stateByError(error)
  }
}

/** Whether a process that was meant is still there, whatever it holds. Costs a single file. */
export function hasEnded(holder: HolderIdentity, procRoot = '/proc'): boolean {
  try {
    return lifeOf(holder, `${procRoot}/${holder.pid}`) !== undefined
  } catch (error) {
    return stateByError(error) === 'ended'
  }
}

function lifeOf({ startTicks }: HolderIdentity, folder: string): 'another' | 'ended' | undefined {
  const stat = readStat(folder)
  if (stat.startTicks !== startTicks) return 'another'
  // The first thread may end before the others, who then hold what the process held.
  if (stat.state === 'zombie' && readIds(`${folder}/task`).length <= 1) return 'ended'
  return undefined
}

function stateByError(error: unknown): 'ended' | 'denied' {
  const errno = errnoOf(error)
  if (errno === 'ENOENT' || errno === 'ESRCH') return 'ended'
  if (errno !== undefined && isDenial(errno)) return 'denied'
  throw error
}

function isDenial(errno: string): boolean {
  return errno === 'EACCES' || errno === 'EPERM'
}

/** A process may have ten thousand descriptors, and it is asked again and again: the known first. */
function holdsAny(
  folder: string,
  { pid, descriptors, inodes }: HolderIdentity,
  tables: DescriptorTables,
): boolean {
  const isHeld = (descriptor: string): boolean => inodes.has(inodeOf(`${folder}/${descriptor}`))
  if (descriptors.some(isHeld)) return true
  return descriptorsOf({ pid, folder }, { inodes, tables, isOneEnough: true }).length > 0
}

/** In the table that its threads share, or else in that of a thread that has left it (unshare(2)). */
function descriptorsOf(
  owner: TableOwner,
  {
    inodes,
    tables,
    isOneEnough = false,
  }: {
    readonly inodes: ReadonlySet<number>
    readonly tables: DescriptorTables
    readonly isOneEnough?: boolean
  },
): readonly string[] {
  const found: string[] = []
  const read = (path: string): number =>
    readSockets({ path }, tables, (inode, fd) => {
      if (!inodes.has(inode)) return false
      found.push(`${path.slice(owner.folder.length + 1)}/${fd}`)
      return isOneEnough
    }).read
  const count = read(`${owner.folder}/fd`)
  if (found.length > 0) return found
  for (const path of threadTables(owner, count, tables)) {
    try {
      read(path)
    } catch (error) {
      // A thread may have ended meanwhile, and the others hold what they held.
      if (stateByError(error) !== 'ended') throw error
    }
    if (isOneEnough && found.length > 0) break
  }
  return found
}

/** Of a socket; NaN for what is none. */
function inodeOf(path: string): number {
  return Number(/^socket:\[(\d+)\]$/.exec(linkOf(path))?.[1])
}

/** A descriptor that was closed meanwhile stands for nothing. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
