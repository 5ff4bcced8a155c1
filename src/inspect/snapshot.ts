import { readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { loadLibc } from '../native/libc.ts'
import { type DescriptorTables, plainTables, tablesThrough } from './owners/descriptor-tables.ts'
import { findOwners } from './owners/find-owners.ts'
import { hiddenOwners } from './owners/hidden-owners.ts'
import { collect } from './sources/index.ts'
import { OWN_PROC } from './sources/types.ts'
import type { Owner, Snapshot, SocketRecord, SourceName, Wanted, Warning } from './types.ts'

/** What to look at, and from where. */
export interface SnapshotRequest {
  readonly wanted: Wanted
  /** Only this source. Undefined: the best one that answers. */
  readonly source?: SourceName
  /**
   * Look for the processes that hold the sockets: of all, or of those that pass. It takes longer
   * than the sockets themselves.
   */
  readonly owners: boolean | ((record: SocketRecord) => boolean)
  /** Where proc(5) of another container is mounted. Undefined: this one's, `/proc`. */
  readonly procRoot?: string
  /**
   * Tables of /proc/net as text, from a machine that can be reached in no other way: read these in
   * place of any. Who holds the sockets cannot be looked up.
   */
  readonly pastedText?: string
  readonly now: () => Date
}

/**
 * Reads the sockets of this machine and, if asked to, who holds them.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when no source answers, or not the one asked for;
 *   ERR_USAGE when what was pasted is no table
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  const { wanted, pastedText } = request
  const procRoot = resolve(request.procRoot ?? OWN_PROC)
  const takenAt = request.now()
  const place = { platform: process.platform, procRoot, pastedText }
  const { records, source, warnings } = await collect(wanted, place, request.source)
  const snapshot = { takenAt, host: hostname(), source, records, owners: undefined, warnings }
  if (request.owners === false || pastedText !== undefined) return snapshot
  if (!hasProcesses(procRoot)) return { ...snapshot, warnings: [...warnings, NO_PROCESSES] }
  const asked = request.owners === true ? records : records.filter(request.owners)
  return withOwners(snapshot, asked, procRoot)
}

/** A copy of some tables has no folders of processes: then nobody can be looked up there. */
function hasProcesses(procRoot: string): boolean {
  if (procRoot === OWN_PROC) return true
  try {
    return readdirSync(procRoot).some(name => /^\d+$/.test(name))
  } catch {
    return false
  }
}

const NO_PROCESSES: Warning = {
  code: 'source-limited',
  message: 'there are no processes in that folder: who holds a socket cannot be told',
}

/** Sources without inodes have told the owners already: there is nothing to look up then. */
async function withOwners(
  snapshot: Snapshot,
  asked: readonly SocketRecord[],
  procRoot: string,
): Promise<Snapshot> {
  const sockets = new Map<number, number | undefined>()
  for (const record of asked) {
    const { inode } = record
    if (inode !== 0) sockets.set(inode, record.uid)
  }
  if (sockets.size === 0) return { ...snapshot, owners: new Map() }
  const viewer = { procRoot, viewerUid: process.getuid?.() }
  const answer = findOwners({ sockets, tables: await loadTables(procRoot), ...viewer })
  const warnings = hiddenOwners(asked, answer, viewer)
  return { ...snapshot, owners: answer.owners, warnings: [...snapshot.warnings, ...warnings] }
}

/** The C library is asked about processes by number: those elsewhere have other numbers here. */
async function loadTables(procRoot: string): Promise<DescriptorTables> {
  if (procRoot !== OWN_PROC) return plainTables
  const load = await loadLibc()
  return 'libc' in load ? tablesThrough(load.libc) : plainTables
}

/** Who holds a socket; undefined when it was not looked for, or none was seen. */
export function holdersOf(
  { owners }: Pick<Snapshot, 'owners'>,
  record: SocketRecord,
): readonly Owner[] | undefined {
  return record.owners ?? owners?.get(record.inode)
}
