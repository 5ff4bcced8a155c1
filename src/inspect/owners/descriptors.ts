import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { errnoOf } from '../../errors.ts'

/**
 * Reads which sockets a folder of descriptors (/proc/PID/fd) holds. Descriptors that are closed
 * meanwhile are left out.
 *
 * @param onSocket is told the inode of each socket, and its descriptor
 * @throws with `code` EACCES when this user may not look; ENOENT, ESRCH when the process has ended
 */
export function readSockets(folder: string, onSocket: (inode: number, fd: number) => void): void {
  for (const fd of readdirSync(folder)) {
    const inode = socketInode(readLink(`${folder}/${fd}`))
    if (inode !== undefined) onSocket(inode, Number(fd))
  }
}

/**
 * Gives a text that differs between two folders of descriptors unless they are the same table, as
 * that of the threads of a process: which descriptors there are, and what the newest one stands for.
 * Empty: there is none.
 */
export function describeTable(folder: string): string {
  const fds = readdirSync(folder)
  const newest = fds.at(-1)
  return newest === undefined ? '' : `${fds.join()} ${readLink(`${folder}/${newest}`)}`
}

/** The ids in a folder of proc(5): of processes, or of the threads of one. */
export function readIds(folder: string): number[] {
  return readdirSync(folder).map(Number).filter(Number.isInteger)
}

/** Reads the name of a process: at most 15 bytes, which it can change itself. */
export function readName(processFolder: string): string {
  return readFileSync(`${processFolder}/comm`, 'utf8').replace(/\n$/, '')
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}

/** `socket:[4711]` */
function socketInode(target: string): number | undefined {
  return target.startsWith('socket:[') ? Number(target.slice(8, -1)) : undefined
}
