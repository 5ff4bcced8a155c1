import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Counts the datagrams that the kernel has dropped so far because a socket of this process was full.
 * Undefined where the system does not tell.
 *
 * Linux: the last column of /proc/net/udp and udp6 (net/ipv4/udp.c, udp4_format_sock).
 */
export function countKernelDrops(): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const inodes = ownSockets()
    return sumDrops(readTable('udp'), inodes) + sumDrops(readTable('udp6'), inodes)
  } catch {
    return undefined
  }
}

/** Adds up the drops of the sockets with these inodes, in the text of /proc/net/udp. */
export function sumDrops(table: string, inodes: ReadonlySet<string>): number {
  let drops = 0
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/)
    if (inodes.has(columns[INODE_COLUMN] ?? '')) drops += Number(columns.at(-1))
  }
  return drops
}

const INODE_COLUMN = 9

function readTable(name: 'udp' | 'udp6'): string {
  return readFileSync(`/proc/self/net/${name}`, 'utf8')
}

function ownSockets(): ReadonlySet<string> {
  const inodes = new Set<string>()
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`)) ?? []
      if (inode !== undefined) inodes.add(inode)
    } catch {
      // The descriptor that the folder itself was read by is gone already.
    }
  }
  return inodes
}
