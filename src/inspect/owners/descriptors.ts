import { readdirSync, readFileSync } from 'node:fs'
import type { DescriptorTables } from './descriptor-tables.ts'

/** Is told the inode of each socket, and its descriptor. */
export type OnSocket = (inode: number, fd: number) => void

/**
 * Reads which sockets a folder of descriptors (/proc/PID/fd) holds. Descriptors that are closed
 * meanwhile are left out.
 *
 * @returns how many descriptors there are, of whatever kind
 * @throws with `code` EACCES when this user may not look; ENOENT, ESRCH when the process has ended
 */
export function readSockets(folder: string, tables: DescriptorTables, onSocket: OnSocket): number {
  const table = tables.open(folder)
  try {
    const fds = readIds(folder)
    for (const fd of fds) {
      const inode = table.socketInode(fd)
      if (inode !== undefined) onSocket(inode, fd)
    }
    return fds.length
  } finally {
    table.close()
  }
}

/** The numbers in a folder of proc(5): processes, threads of one, or descriptors. In no order. */
export function readIds(folder: string): number[] {
  return readdirSync(folder).map(Number).filter(Number.isInteger)
}

/** Reads the name of a process: at most 15 bytes, which it can change itself. */
export function readName(processFolder: string): string {
  return readFileSync(`${processFolder}/comm`, 'utf8').replace(/\n$/, '')
}
