import { setTimeout as delay } from 'node:timers/promises'
import { ownershipIn } from '../explain/ownership.ts'
import { loadTables } from '../owners/load-tables.ts'
import { type Unlisted, unlistedSockets } from '../owners/unlisted.ts'
import { indexSockets } from '../rules/socket-index.ts'
import type { Situation } from '../rules/types.ts'
import { EVERYTHING } from '../select/everything.ts'
import { type SnapshotRequest, takeSnapshot } from '../snapshot.ts'
import { OWN_PROC } from '../sources/types.ts'
import type { Protocol, Snapshot, SocketRecord, Wanted } from '../types.ts'
import { knownProcesses } from './known-processes.ts'
import { systemNumbers } from './system-numbers.ts'

/** How to look at the machine. */
export interface LookRequest
  extends Pick<Situation, 'thresholds'>,
    Pick<SnapshotRequest, 'source' | 'procRoot' | 'now'> {
  /** How long to wait before the second look. 0: one look is all. */
  readonly intervalMs: number
}

/**
 * Looks at the whole machine, twice unless the interval is 0, for the rules.
 *
 * @throws ERR_UNSUPPORTED, ERR_DENIED, ERR_SYSTEM when no source answers, or not the one asked for
 */
export async function readSituation(request: LookRequest): Promise<Situation> {
  if (request.intervalMs === 0) return look(request, 'all')
  const earlier = await look(request, 'compared')
  await delay(request.intervalMs)
  return { ...(await look(request, 'all')), earlier }
}

/**
 * Rules name the holders of these; other sockets are only counted, and many of them are the kernel's.
 * Of the earlier ones only those are asked for their owners that a rule compares by them.
 */
const OWNED: ReadonlySet<Protocol> = new Set(['tcp', 'mptcp', 'udp', 'udplite', 'unix'])
const OWNERS = {
  all: ({ protocol }: SocketRecord) => OWNED.has(protocol),
  compared: ({ state }: SocketRecord) => state === 'close-wait',
} as const satisfies Readonly<Record<string, SnapshotRequest['owners']>>

async function look(request: LookRequest, owners: keyof typeof OWNERS): Promise<Situation> {
  const { thresholds, procRoot = OWN_PROC } = request
  const snapshot = await read(request, OWNERS[owners])
  return {
    snapshot,
    sockets: indexSockets(snapshot.records),
    ownershipOf: ownershipIn(snapshot, process.getuid?.()),
    processes: knownProcesses(procRoot),
    unlisted: owners === 'all' ? await findUnlisted(request, snapshot) : [],
    system: systemNumbers(procRoot),
    thresholds,
  }
}

/**
 * Finds processes with sockets that no table lists. Sockets that were made after the tables had been
 * read look like that, too: where there is a suspicion, they are read once more.
 */
async function findUnlisted(
  request: LookRequest,
  { records, owners }: Snapshot,
): Promise<Unlisted[]> {
  const { thresholds, procRoot = OWN_PROC } = request
  const listed = new Set(records.map(({ inode }) => inode))
  const heldBy = new Map<number, number>()
  for (const holders of owners?.values() ?? []) {
    for (const { pid } of holders) heldBy.set(pid, (heldBy.get(pid) ?? 0) + 1)
  }
  const sockets = { isListed: (inode: number) => listed.has(inode), heldBy }
  const tables = await loadTables(procRoot)
  const suspects = unlistedSockets(procRoot, sockets, { least: thresholds.unlisted, tables })
  if (suspects.length === 0) return []
  const { records: now } = await read(request, false)
  for (const { inode } of now) listed.add(inode)
  return suspects.map(suspect => ({
    ...suspect,
    inodes: suspect.inodes.filter(inode => !listed.has(inode)),
  }))
}

function read(
  { source, procRoot, now }: LookRequest,
  owners: SnapshotRequest['owners'],
): Promise<Snapshot> {
  return takeSnapshot({
    wanted: WANTED,
    owners,
    now,
    ...(source !== undefined && { source }),
    ...(procRoot !== undefined && { procRoot }),
  })
}

const WANTED: Wanted = { ...EVERYTHING, details: new Set(['tcp-info', 'memory']) }
