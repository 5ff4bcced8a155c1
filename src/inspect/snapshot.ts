import { hostname } from 'node:os'
import { loadLibc } from '../native/libc.ts'
import { openByPath, openWithin } from './owners/descriptor-links.ts'
import { findOwners } from './owners/find-owners.ts'
import { hiddenOwners } from './owners/hidden-owners.ts'
import { collect } from './sources/index.ts'
import { OWN_PROC } from './sources/types.ts'
import type { Owner, Snapshot, SocketRecord, SourceName, Wanted } from './types.ts'

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
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when no source answers, or not the one asked for
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  const { wanted, procRoot = OWN_PROC } = request
  const takenAt = request.now()
  const place = { platform: process.platform, procRoot }
  const { records, source, warnings } = await collect(wanted, place, request.source)
  const snapshot = { takenAt, host: hostname(), source, records, owners: undefined, warnings }
  return request.owners ? withOwners(snapshot, procRoot) : snapshot
}

/** Sources without inodes have told the owners already: there is nothing to look up then. */
async function withOwners(snapshot: Snapshot, procRoot: string): Promise<Snapshot> {
  const sockets = new Map<number, number | undefined>()
  for (const record of snapshot.records) {
    const { inode } = record
    if (inode !== 0) sockets.set(inode, record.uid)
  }
  if (sockets.size === 0) return { ...snapshot, owners: new Map() }
  const load = await loadLibc()
  const viewer = { procRoot, viewerUid: process.getuid?.() }
  const openLinks = 'libc' in load ? openWithin(load.libc) : openByPath
  const answer = findOwners({ sockets, openLinks, ...viewer })
  const warnings = hiddenOwners(snapshot.records, answer, viewer)
  return { ...snapshot, owners: answer.owners, warnings: [...snapshot.warnings, ...warnings] }
}

/** Who holds a socket; undefined when it was not looked for, or none was seen. */
export function holdersOf(
  { owners }: Pick<Snapshot, 'owners'>,
  record: SocketRecord,
): readonly Owner[] | undefined {
  return record.owners ?? owners?.get(record.inode)
}
