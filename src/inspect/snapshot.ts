import { readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { isUnaccepted, listenersIn } from './explain/accept-queue.ts'
import { isOfKernel } from './explain/kernel-sockets.ts'
import { plainTables } from './owners/descriptor-tables.ts'
import { findOwners, type OwnerAnswer, type OwnerQuestion } from './owners/find-owners.ts'
import { hiddenOwners } from './owners/hidden-owners.ts'
import { loadTables } from './owners/load-tables.ts'
import { primaryFirst } from './owners/primary.ts'
import { type Collected, collect } from './sources/index.ts'
import type { KnownTables } from './sources/known-records.ts'
import { OWN_PROC, type Place } from './sources/types.ts'
import type { Owner, Snapshot, SocketRecord, SourceName, Wanted, Warning } from './types.ts'

/** What to look at, and from where. */
export interface SnapshotRequest {
  readonly wanted: Wanted
  /** Only this source. Undefined: the best one that answers. */
  readonly source?: SourceName
  /**
   * Look for the processes that hold the sockets: of all, or of those that pass, which may depend on
   * what else was found. It takes longer than the sockets themselves.
   */
  readonly owners: boolean | ((record: SocketRecord, all: readonly SocketRecord[]) => boolean)
  /** Where proc(5) of another container is mounted. Undefined: this one's, `/proc`. */
  readonly procRoot?: string
  /**
   * Which other network namespaces to look into: `all`, a name in /run/netns, a pid, a container.
   * Undefined: this process's own.
   */
  readonly netns?: string
  /**
   * Tables of /proc/net as text, from a machine that can be reached in no other way: read these in
   * place of any. Who holds the sockets cannot be looked up.
   */
  readonly pastedText?: string
  /**
   * What is known from the snapshot before, for who takes many. Records of sockets that are still
   * there may be the same as then: they tell what is so now, also to who has kept that snapshot.
   */
  readonly known?: KnownTables
  readonly now: () => Date
}

/**
 * Reads the sockets of this machine and, if asked to, who holds them.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when no source answers, or not the one asked for;
 *   ERR_NOT_FOUND when there is no such namespace, ERR_USAGE when what was pasted is no table
 */
export async function takeSnapshot(request: SnapshotRequest): Promise<Snapshot> {
  const procRoot = resolve(request.procRoot ?? OWN_PROC)
  const takenAt = request.now()
  const { pastedText } = request
  const place = { platform: process.platform, procRoot, pastedText }
  const { records, source, warnings } = await lookIn(place, request)
  const snapshot = { takenAt, host: hostname(), source, records, owners: undefined, warnings }
  if (request.owners === false || pastedText !== undefined) return snapshot
  if (!hasProcesses(procRoot)) return { ...snapshot, warnings: [...warnings, NO_PROCESSES] }
  const held = records.some(isOfKernel) ? records.filter(one => !isOfKernel(one)) : records
  const asked = request.owners === true ? held : askedFor(held, request.owners)
  // What this snapshot says stays as it is.
  const lookAgain = async () => (await lookIn(place, { ...request, known: undefined })).records
  return withOwners(snapshot, asked, { procRoot, lookAgain })
}

async function lookIn(
  place: Place,
  {
    wanted,
    source,
    netns,
    known,
  }: Omit<SnapshotRequest, 'known'> & {
    readonly known?: KnownTables | undefined
  },
): Promise<Collected> {
  if (netns === undefined) return collect(wanted, place, { name: source, known })
  const { collectNamespaces } = await import('./namespaces/collect.ts')
  return collectNamespaces(wanted, { place, which: netns, source })
}

/** Those that pass, and the listeners by which connections are explained that nobody has accepted. */
function askedFor(
  records: readonly SocketRecord[],
  passes: Exclude<SnapshotRequest['owners'], boolean>,
): SocketRecord[] {
  const asked = records.filter(one => passes(one, records))
  const waiting = asked.filter(isUnaccepted)
  if (waiting.length === 0) return asked
  const listeners = waiting.map(listenersIn(records)).filter(one => one !== undefined)
  return [...new Set([...asked, ...listeners])]
}

interface Looking {
  readonly procRoot: string
  /** Reads the sockets once more. */
  readonly lookAgain: () => Promise<readonly SocketRecord[]>
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
  { procRoot, lookAgain }: Looking,
): Promise<Snapshot> {
  const sockets = new Map<number, number | undefined>()
  for (const record of asked) {
    const { inode } = record
    if (inode !== 0) sockets.set(inode, record.uid)
  }
  if (sockets.size === 0) return { ...snapshot, owners: new Map() }
  const viewer = { procRoot, viewerUid: process.getuid?.() }
  const tables = await loadTables(procRoot)
  const answer = findOwners({ sockets, tables, ...viewer })
  const { found, gone } = await lookCloser({ ...answer, sockets, tables, ...viewer, lookAgain })
  const owners = primaryFirst(found, asked, procRoot)
  // Nobody holds a socket that was closed while the processes were read: it is no reason to warn.
  const isThere = ({ inode }: SocketRecord): boolean => !gone.has(inode)
  const isWhole = gone.size === 0
  const warnings = hiddenOwners(
    isWhole ? asked : asked.filter(isThere),
    { ...answer, owners },
    viewer,
  )
  return {
    ...snapshot,
    records: isWhole ? snapshot.records : snapshot.records.filter(isThere),
    owners,
    warnings: [...snapshot.warnings, ...warnings],
  }
}

/**
 * Looks again for what has no holder: it can be gone by now, or its holder had so much to do that it
 * was overlooked.
 */
async function lookCloser({
  owners,
  sockets,
  lookAgain,
  ...question
}: OwnerQuestion & OwnerAnswer & Pick<Looking, 'lookAgain'>): Promise<{
  readonly found: OwnerAnswer['owners']
  readonly gone: ReadonlySet<number>
}> {
  const gone = new Set<number>()
  // Of a hundred thousand even a copy takes its time.
  if (owners.size === sockets.size) return { found: owners, gone }
  const found = new Map(owners)
  const { viewerUid, tables = plainTables } = question
  for (let triesLeft = 1; found.size + gone.size < sockets.size; triesLeft--) {
    const remaining = new Set((await lookAgain()).map(({ inode }) => inode))
    const ours = new Map<number, number | undefined>()
    for (const [inode, uid] of sockets) {
      if (found.has(inode)) continue
      if (!remaining.has(inode)) gone.add(inode)
      else if (viewerUid === 0 || uid === viewerUid) ours.set(inode, uid)
    }
    if (ours.size === 0 || triesLeft === 0) break
    // By lists of descriptors: their number may have changed while they were counted off. Of large
    // tables only where it did: the holder of what is left most often is one who may not be seen.
    const more = findOwners({ ...question, sockets: ours, tables: { ...tables, isCheap: false } })
    for (const [inode, holders] of more.owners) found.set(inode, holders)
  }
  return { found, gone }
}

/** Who holds a socket; undefined when it was not looked for, or none was seen. */
export function holdersOf(
  { owners }: Pick<Snapshot, 'owners'>,
  record: SocketRecord,
): readonly Owner[] | undefined {
  return record.owners ?? owners?.get(record.inode)
}
