import { errnoOf, SockctlError } from '../../errors.ts'
import { portOf } from '../ends.ts'
import { readNetwork } from '../namespaces/list.ts'
import { loadTables } from '../owners/load-tables.ts'
import { socketsOfProcess } from '../owners/process-sockets.ts'
import { ALL_STATES } from '../select/states.ts'
import { takeSnapshot } from '../snapshot.ts'
import type { Protocol, SocketRecord } from '../types.ts'
import { listenersIn } from './accept-queue.ts'
import { countClients } from './clients.ts'
import { ownershipIn } from './ownership.ts'
import { peersIn, withPeers } from './peers.ts'
import type { ReportRequest } from './port.ts'
import { processAccess } from './process-access.ts'
import { tellStory } from './process-story.ts'
import type { Conversation, ProcessReport } from './report-types.ts'

/** Those of other kinds are rare, and not every kernel lists them. */
const PROTOCOLS: ReadonlySet<Protocol> = new Set(['tcp', 'udp', 'unix', 'packet', 'netlink'])

/**
 * Explains which sockets a process holds, and who is at their other ends.
 *
 * @throws ERR_NOT_FOUND when there is no such process, ERR_DENIED when this user may not look into it
 */
export async function explainProcess(pid: number, request: ReportRequest): Promise<ProcessReport> {
  const { procRoot, source, netns, now } = request
  const inodes = await heldBy(pid, procRoot)
  const isHeld = ({ inode, owners }: SocketRecord): boolean =>
    owners === undefined ? inodes.has(inode) : owners.some(one => one.pid === pid)
  let wanted: ReadonlySet<SocketRecord> | undefined
  const snapshot = await takeSnapshot({
    wanted: {
      protocols: PROTOCOLS,
      families: new Set(['ipv4', 'ipv6', 'unix', 'packet', 'netlink', 'vsock']),
      states: new Set(ALL_STATES),
      details: new Set(['tcp-info', 'ip']),
    },
    owners: (record, all) => {
      wanted ??= withPeers(all, isHeld)
      return wanted.has(record)
    },
    now,
    procRoot,
    ...(source !== undefined && { source }),
    // Its sockets are where it lives.
    ...(netns === undefined ? elsewhere(pid, procRoot) : { netns }),
  })
  const records = snapshot.records.filter(isHeld)
  const ownershipOf = ownershipIn(snapshot, process.getuid?.())
  const peerOf = peersIn(snapshot)
  const listenerFor = listenersIn(snapshot.records)
  const ofInternet = records.filter(({ protocol }) => protocol === 'tcp' || protocol === 'udp')
  const unix = records.filter(({ protocol }) => protocol === 'unix')
  const listed = new Set(snapshot.records.map(({ inode }) => inode))
  return {
    kind: 'process',
    pid,
    snapshot,
    records,
    story: await tellStory(pid, request),
    listeners: ofInternet.filter(
      ({ remote, local }) => remote === undefined && portOf(local) !== 0,
    ),
    conversations: ofInternet
      .filter(({ remote }) => remote !== undefined)
      .map(record => {
        const peer = peerOf(record)
        const found = peer && ownershipOf(peer)
        const isWaiting = found?.kind === 'unaccepted'
        const ownership = isWaiting ? found.listener : found
        return {
          isWaiting,
          record,
          isIncoming: isIncoming(record, listenerFor),
          peer: ownership?.kind === 'held' ? ownership.owners[0] : undefined,
          idleMs: idleTime(record),
        }
      }),
    unix: {
      count: unix.length,
      peers: countClients(
        unix.filter(one => one.unix?.peerInode !== undefined),
        { peerOf, ownershipOf },
      ),
    },
    others: records.length - ofInternet.length - unix.length,
    unlisted: [...inodes].filter(inode => !listed.has(inode)).length,
  }
}

/** A listener of its own port, and it was accepted there. */
function isIncoming(
  record: SocketRecord,
  listenerFor: ReturnType<typeof listenersIn>,
): Conversation['isIncoming'] {
  return record.protocol === 'udp' ? undefined : listenerFor(record) !== undefined
}

function idleTime({ tcp }: SocketRecord): number | undefined {
  const sent = tcp?.info?.lastDataSentMs
  const received = tcp?.info?.lastDataRecvMs
  return sent === undefined || received === undefined ? undefined : Math.min(sent, received)
}

/** Sockets of another network namespace are in other tables. */
function elsewhere(pid: number, procRoot: string): { netns?: string } {
  const there = readNetwork(`${procRoot}/${pid}`)
  const isHere = there === undefined || there === readNetwork(`${procRoot}/self`)
  return isHere ? {} : { netns: String(pid) }
}

/** The inodes of its sockets. Where the source knows no inodes, there are none to be read. */
async function heldBy(pid: number, procRoot: string): Promise<ReadonlySet<number>> {
  const access = processAccess(pid, procRoot)
  if (access === 'missing') throw missing(pid)
  if (process.platform !== 'linux') return new Set()
  if (access === 'denied') throw denied(pid)
  const tables = await loadTables(procRoot)
  try {
    return new Set(socketsOfProcess({ pid, folder: `${procRoot}/${pid}` }, tables).keys())
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EACCES' || errno === 'EPERM') throw denied(pid)
    if (errno === 'ENOENT' || errno === 'ESRCH') throw missing(pid)
    throw error
  }
}

function missing(pid: number): SockctlError {
  return new SockctlError('ERR_NOT_FOUND', `there is no process ${pid}`)
}

function denied(pid: number): SockctlError {
  return new SockctlError('ERR_DENIED', `cannot look into process ${pid}: it is another user's`)
}
