import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { type OpenLinks, readDescriptor } from './descriptor-links.ts'

/**
 * Reads which sockets a folder of descriptors (/proc/PID/fd) holds. Descriptors that are closed
 * meanwhile are left out.
 *
 * @param onSocket is told the inode of each socket, and its descriptor
 * @returns the highest descriptor, of whatever kind; undefined: there is none
 * @throws with `code` EACCES when this user may not look; ENOENT, ESRCH when the process has ended
 */
export function readSockets(
  folder: string,
  open: OpenLinks,
  onSocket: (inode: number, fd: number) => void,
): number | undefined {
  const links = open(folder)
  try {
    let highest: number | undefined
    for (const fd of readIds(folder)) {
      const inode = links.socketInode(fd)
      if (inode !== undefined) onSocket(inode, fd)
      if (highest === undefined || fd > highest) highest = fd
    }
    return highest
  } finally {
    links.close()
  }
}

/**
 * Whether two folders of descriptors show one table, as those of the threads of a process do. Takes
 * a few looks, however large the tables are: whether they have as many entries (Linux 6.2; before,
 * all say 0), the same at the highest descriptor of the first, and nothing above it.
 */
export function isSameTable(folder: string, highest: number, other: string): boolean {
  return (
    statSync(folder).size === statSync(other).size &&
    readDescriptor(folder, highest) === readDescriptor(other, highest) &&
    !existsSync(`${other}/${highest + 1}`)
  )
}

/** The numbers in a folder of proc(5): processes, threads of one, or descriptors. In no order. */
export function readIds(folder: string): number[] {
  return readdirSync(folder).map(Number).filter(Number.isInteger)
}

/** Reads the name of a process: at most 15 bytes, which it can change itself. */
export function readName(processFolder: string): string {
  return readFileSync(`${processFolder}/comm`, 'utf8').replace(/\n$/, '')
}
