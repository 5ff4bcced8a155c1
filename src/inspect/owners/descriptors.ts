import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { DescriptorTable, DescriptorTables } from './descriptor-tables.ts'

/** Is told the inode of each socket, and its descriptor; says true when that is enough. */
export type OnSocket = (inode: number, fd: number) => boolean

/** A folder of descriptors, and what is known of it before. */
export interface DescriptorFolder {
  /** /proc/PID/fd, or that of a thread. */
  readonly path: string
  /** How many are open; undefined where the system does not tell. */
  readonly count?: number | undefined
}

/** What was read of a folder of descriptors. */
export interface ReadFolder {
  /** How many descriptors, of whatever kind. */
  readonly read: number
  /** The number behind the last one, where as many as there were to be were come by one by one. */
  readonly end?: number
}

/**
 * Reads which sockets a folder of descriptors holds, until it is enough. Descriptors that are closed
 * meanwhile are left out.
 *
 * @throws with `code` EACCES when this user may not look; ENOENT, ESRCH when the process has ended
 */
export function readSockets(
  { path, count }: DescriptorFolder,
  tables: DescriptorTables,
  onSocket: OnSocket,
): ReadFolder {
  const table = tables.open(path)
  try {
    const dense =
      count !== undefined && tables.isCheap
        ? readInOrder(table, count, onSocket)
        : { next: 0, read: 0, isOver: false }
    if (dense.isOver) return { read: dense.read, end: dense.next }
    let { read } = dense
    for (const fd of readIds(path)) {
      if (fd < dense.next) continue
      const inode = table.socketInode(fd)
      read++
      if (typeof inode === 'number' && onSocket(inode, fd)) break
    }
    return { read }
  } finally {
    table.close()
  }
}

/** So many numbers in a row without a descriptor, and a list of them is cheaper. */
const LONGEST_GAP = 24

/**
 * Asks for one number after the other, from 0: descriptors are given the lowest that is free, so that
 * there are few gaps, and a list would cost the kernel as much as all the answers.
 *
 * @param count how many descriptors there are
 * @returns the number that comes next, and whether there is more to read
 */
function readInOrder(
  table: DescriptorTable,
  count: number,
  onSocket: OnSocket,
): { next: number; read: number; isOver: boolean } {
  let read = 0
  let gap = 0
  let fd = 0
  for (; read < count && gap < LONGEST_GAP; fd++) {
    const inode = table.socketInode(fd)
    if (inode === undefined) {
      gap++
      continue
    }
    gap = 0
    read++
    if (typeof inode === 'number' && onSocket(inode, fd))
      return { next: fd + 1, read, isOver: true }
  }
  return { next: fd, read, isOver: read === count }
}

/**
 * Whether a folder that was read to its end has more behind it now.
 *
 * @param end where it ended
 * @throws with `code` EACCES, ENOENT, ESRCH as `readSockets`
 */
export function hasMore(path: string, tables: DescriptorTables, end: number): boolean {
  const table = tables.open(path)
  try {
    for (let fd = end; fd < end + LONGEST_GAP; fd++) {
      if (table.socketInode(fd) !== undefined) return true
    }
    return false
  } finally {
    table.close()
  }
}

/**
 * Reads only these descriptors of a folder.
 *
 * @throws with `code` EACCES, ENOENT, ESRCH as `readSockets`
 */
export function readSomeSockets(
  path: string,
  tables: DescriptorTables,
  { fds, onSocket }: { readonly fds: Iterable<number>; readonly onSocket: OnSocket },
): void {
  const table = tables.open(path)
  try {
    for (const fd of fds) {
      const inode = table.socketInode(fd)
      if (typeof inode === 'number' && onSocket(inode, fd)) return
    }
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
