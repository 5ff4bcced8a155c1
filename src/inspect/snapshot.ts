import { hostname } from 'node:os'
import { findOwners } from './owners/find-owners.ts'
import { collect } from './sources/index.ts'
import { OWN_PROC } from './sources/types.ts'
import type { Snapshot, SourceName, Wanted } from './types.ts'

/** What to look at, and from where. */
export interface SnapshotRequest {
  readonly wanted: Wanted
  /** Only this source. Undefined: the best one that answers. */
  readonly source?: SourceName
  /** Look for the processes that hold the sockets: it takes longer than the sockets themselves. */
  readonly owners: boolean
  /** Where proc(5) of another container is mounted. Undefined: this one's, `/proc`. */
  readonly procRoot?: string
  readonly now: () => Date
}

/**
 * Reads the sockets of this machine and, if asked to, who holds them.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED when no source, or not the one asked for, answers
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  const { wanted, procRoot = OWN_PROC } = request
  const takenAt = request.now()
  const place = { platform: process.platform, procRoot }
  const { records, source, warnings } = await collect(wanted, place, request.source)
  const inodes = new Set(records.map(({ inode }) => inode).filter(inode => inode !== 0))
  const owners = request.owners ? findOwners(inodes, procRoot).owners : undefined
  return { takenAt, host: hostname(), source, records, owners, warnings }
}
