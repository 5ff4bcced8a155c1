import { formatEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'

/** The TCP sockets of MPTCP connections, once they are known. */
export interface Subflows {
  /** The one that has the same ends as the connection, which is the connection as TCP sees it. */
  of(connection: SocketRecord): SocketRecord | undefined
  /**
   * Takes the records of all dumps, and gives them without those TCP sockets. Further subflows, over
   * other addresses, stay: they are what TCP alone knows.
   */
  merge(records: readonly SocketRecord[]): readonly SocketRecord[]
}

/**
 * The kernel shows an MPTCP connection twice, with one inode: as what the process made, and as the
 * TCP socket below it. Where both are asked for, the first stands for both, with what TCP knows.
 */
export function mptcpSubflows(): Subflows {
  const subflows = new Map<string, SocketRecord>()
  return {
    of: connection => subflows.get(keyOf(connection)),
    merge(records) {
      const connections = new Set<string>()
      const inodes = new Set<number>()
      for (const record of records) {
        if (record.protocol !== 'mptcp') continue
        connections.add(keyOf(record))
        inodes.add(record.inode)
      }
      if (connections.size === 0) return records
      return records.filter(record => {
        if (record.protocol !== 'tcp' || !inodes.has(record.inode)) return true
        const key = keyOf(record)
        if (!connections.has(key)) return true
        subflows.set(key, record)
        return false
      })
    },
  }
}

/** Those that wait to be accepted have no inode, and are told apart by their ends. */
function keyOf({ inode, local, remote }: SocketRecord): string {
  return `${inode} ${formatEnd(local)} ${remote === undefined ? '' : formatEnd(remote)}`
}
