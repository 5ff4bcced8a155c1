import { readdirSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'
import { readIds } from '../owners/descriptors.ts'
import { readStat } from '../owners/process/stat.ts'

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
}

/** What became of the process that was meant. */
export type HolderState =
  | 'same' // it is the one, and holds at least one of the sockets
  | 'released' // it is the one, and holds none of them any more
  | 'ended'
  | 'another' // its number was given to another process
  | 'denied' // this user may not see what it holds

/**
 * Notes who a process is that holds these sockets.
 *
 * @param procRoot where proc(5) is mounted
 * @returns undefined when it has ended, or holds none of them
 */
export function identifyHolder(
  pid: number,
  inodes: ReadonlySet<number>,
  procRoot = '/proc',
): HolderIdentity | undefined {
  try {
    const { startTicks } = readStat(`${procRoot}/${pid}`)
    const identity = { pid, startTicks, inodes }
    // Asked in this order: what holds the socket now is the process that started then.
    return stateOfHolder(identity, procRoot) === 'same' ? identity : undefined
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

/** Reads again whether the process is the one that was meant, and still holds the sockets. */
export function stateOfHolder(
  { pid, startTicks, inodes }: HolderIdentity,
  procRoot = '/proc',
): HolderState {
  const folder = `${procRoot}/${pid}`
  try {
    const stat = readStat(folder)
    if (stat.startTicks !== startTicks) return 'another'
    // The first thread may end before the others, who then hold what the process held.
    if (stat.state === 'zombie' && readIds(`${folder}/task`).length <= 1) return 'ended'
    return holdsAny(folder, inodes) ? 'same' : 'released'
  } catch (error) {
    switch (errnoOf(error)) {
      case 'ENOENT':
      case 'ESRCH':
        return 'ended'
      case 'EACCES':
      case 'EPERM':
        return 'denied'
      default:
        throw error
    }
  }
}

/** In the table that its threads share, or in that of a thread that has left it (unshare(2)). */
function holdsAny(folder: string, inodes: ReadonlySet<number>): boolean {
  if (hasDescriptorOf(`${folder}/fd`, inodes)) return true
  return readIds(`${folder}/task`).some(thread =>
    hasDescriptorOf(`${folder}/task/${thread}/fd`, inodes),
  )
}

function hasDescriptorOf(table: string, inodes: ReadonlySet<number>): boolean {
  return readdirSync(table).some(fd => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`${table}/${fd}`)) ?? []
    return inode !== undefined && inodes.has(Number(inode))
  })
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
