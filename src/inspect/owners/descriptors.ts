import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
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

/** What Node calls its first thread, and with it the process: from 24 on, and from 26 on. */
const NODE_THREAD_NAMES = ['MainThread', 'node-MainThread']

/**
 * Reads the name of a process: at most 15 bytes, which it can change itself. Where it is only that
 * of Node's first thread, the program's own name says more: `node`.
 */
export function readName(processFolder: string): string {
  const name = readFileSync(`${processFolder}/comm`, 'utf8').replace(/\n$/, '')
  return NODE_THREAD_NAMES.includes(name) ? readProgramName(processFolder) || name : name
}

/** Of the first word of the command line; empty where there is none. */
function readProgramName(processFolder: string): string {
  const [program = ''] = readFileSync(`${processFolder}/cmdline`, 'utf8').split('\0')
  return basename(program)
}
