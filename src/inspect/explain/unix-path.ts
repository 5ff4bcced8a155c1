import { type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { errnoOf } from '../../errors.ts'
import { placesIn } from '../owners/places.ts'
import { ALL_STATES } from '../select/states.ts'
import { takeSnapshot } from '../snapshot.ts'
import { boundTo, hasFile } from '../system/unix-files.ts'
import { knockUnix } from '../system/unix-knock.ts'
import type { SocketRecord } from '../types.ts'
import { countClients, waitingIn } from './clients.ts'
import { ownershipIn } from './ownership.ts'
import { peersIn, withPeers } from './peers.ts'
import { distinct, type ReportRequest } from './port.ts'
import { tellStory } from './process-story.ts'
import type { UnixReport, UnixVerdict } from './report-types.ts'

/**
 * Explains who has a unix socket, and whether its file is stale. Where no process is seen that has
 * it, a connection is made and closed at once: only that tells whether somebody answers who cannot
 * be seen (a container with a network of its own).
 *
 * Source: unix(7); what a file stands for is told by UNIX_DIAG_VFS of linux/unix_diag.h.
 */
export async function explainUnixPath(typed: string, request: ReportRequest): Promise<UnixReport> {
  const { procRoot, source, netns, now } = request
  const isAbstract = typed.startsWith('@')
  const path = isAbstract ? typed : resolve(typed)
  const hasPath = ({ local }: SocketRecord): boolean =>
    local.family === 'unix' && (local.path === path || local.path === typed)
  let wanted: ReadonlySet<SocketRecord> | undefined
  const snapshot = await takeSnapshot({
    wanted: {
      protocols: new Set(['unix']),
      families: new Set(['unix']),
      states: new Set(ALL_STATES),
      details: new Set(['file']),
    },
    owners: (record, all) => {
      wanted ??= withPeers(all, hasPath)
      return wanted.has(record)
    },
    now,
    procRoot,
    ...(source !== undefined && { source }),
    ...(netns !== undefined && { netns }),
  })
  const records = snapshot.records.filter(hasPath)
  const ownershipOf = ownershipIn(snapshot, process.getuid?.(), placesIn(snapshot, procRoot).unitOf)
  // Files are those of this process: another /proc, or a namespace, may have others by that name.
  const isSeen = !isAbstract && netns === undefined && procRoot === '/proc'
  const file = isSeen ? statOf(path) : undefined
  const doors = records.filter(isDoor)
  const { verdict, door } =
    file === 'denied'
      ? judgeUnseen(doors, records)
      : isSeen
        ? await judgeFile(path, { doors, records: snapshot.records, file })
        : judgeName(doors, records)
  const ownership = door && ownershipOf(door)
  const owners = ownership?.kind === 'held' ? ownership.owners : []
  const [first] = owners
  const connections = records.filter(one => !isDoor(one) && one !== door)
  return {
    kind: 'unix',
    path,
    snapshot,
    verdict,
    records,
    ownership,
    story: first && (await tellStory(first.pid, request)),
    sharers: distinct(owners.slice(1)).filter(({ pid }) => pid !== first?.pid),
    clients: countClients(connections, { peerOf: peersIn(snapshot), ownershipOf }),
    waiting: door?.state === 'listen' ? waitingIn([door], []) : undefined,
    file:
      file === undefined || file === 'denied'
        ? undefined
        : { uid: file.uid, mode: file.mode, changedAt: file.mtime },
  }
}

/** Accepted connections carry the path of their listener too; datagrams have no connections. */
function isDoor({ state, unix }: SocketRecord): boolean {
  return state === 'listen' || unix?.type === 'datagram'
}

interface Judged {
  readonly verdict: UnixVerdict
  readonly door?: SocketRecord | undefined
}

/** By its name alone. */
function judgeName([door]: readonly SocketRecord[], records: readonly SocketRecord[]): Judged {
  if (door !== undefined) return { verdict: 'alive', door }
  const bound = records.find(({ state }) => state !== 'established') ?? records[0]
  return bound === undefined ? { verdict: 'missing' } : heldBy(bound)
}

/** By its name, where nobody can tell whether a file stands for it. */
function judgeUnseen(doors: readonly SocketRecord[], records: readonly SocketRecord[]): Judged {
  const judged = judgeName(doors, records)
  return judged.verdict === 'missing' ? { verdict: 'unknown' } : judged
}

function heldBy(door: SocketRecord): Judged {
  return { verdict: door.state === 'established' ? 'connected' : 'bound', door }
}

async function judgeFile(
  path: string,
  {
    doors,
    records,
    file,
  }: {
    readonly doors: readonly SocketRecord[]
    readonly records: readonly SocketRecord[]
    readonly file: Stats | undefined
  },
): Promise<Judged> {
  const [door] = doors
  if (file === undefined) {
    return door === undefined ? { verdict: 'missing' } : { verdict: 'unlinked', door }
  }
  if (!file.isSocket()) return { verdict: 'no-socket', door }
  // By the path alone it could be another file that was put there since.
  const own = doors.find(one => hasFile(one, file))
  if (own !== undefined) return { verdict: 'alive', door: own }
  const answer = meaningOf(await knockUnix(path))
  if (answer === 'answers') {
    return door === undefined ? { verdict: 'elsewhere' } : { verdict: 'alive', door }
  }
  if (answer === 'unknown') {
    return door === undefined ? { verdict: 'unknown' } : { verdict: 'alive', door }
  }
  const bound = boundTo(records, path, file)
  if (bound !== undefined && !isDoor(bound)) return heldBy(bound)
  return door === undefined ? { verdict: 'stale' } : { verdict: 'replaced', door }
}

/** EAGAIN: its queue is full. EPROTOTYPE: somebody has it, with another type. */
function meaningOf(errno: string | undefined): 'answers' | 'refuses' | 'unknown' {
  if (errno === undefined || ['EAGAIN', 'EPROTOTYPE', 'ETIMEDOUT'].includes(errno)) return 'answers'
  return errno === 'ECONNREFUSED' || errno === 'ENOENT' ? 'refuses' : 'unknown'
}

/** `denied`: a folder on the way may not be entered. */
function statOf(path: string): Stats | 'denied' | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    return errnoOf(error) === 'EACCES' ? 'denied' : undefined
  }
}
