import { setTimeout as delay } from 'node:timers/promises'
import { portOf } from '../ends.ts'
import { loadTables } from '../owners/load-tables.ts'
import { placesIn } from '../owners/places.ts'
import { areStopped } from '../owners/process/stopped.ts'
import { unlistedSockets } from '../owners/unlisted.ts'
import { EVERYTHING } from '../select/everything.ts'
import { planSelection } from '../select/plan.ts'
import { ALL_STATES } from '../select/states.ts'
import { takeSnapshot } from '../snapshot.ts'
import type { Owner, Snapshot, SocketRecord, SourceName } from '../types.ts'
import { isUnaccepted } from './accept-queue.ts'
import { probeBinds, USUAL_HOSTS } from './bind-probe.ts'
import { countClients, waitingIn } from './clients.ts'
import { lookElsewhere } from './elsewhere.ts'
import { isInherited } from './inherited.ts'
import { ownershipIn } from './ownership.ts'
import { peersIn } from './peers.ts'
import { findHolders, type HoldingGroup, RANK } from './port-holders.ts'
import { readPortLimits } from './port-limits.ts'
import { type StoryPlace, tellStory } from './process-story.ts'
import { isOnlyOfKernel, refusedHosts, showsAllBound, unseenHosts } from './refused-binds.ts'
import type { Holder, PortReport } from './report-types.ts'
import { squatterOn } from './squatters.ts'
import { LOOK_AGAIN_AFTER_MS } from './stuck-queue.ts'
import { LOOPBACKS, type Target } from './target.ts'

/** Where and how to look for a report. */
export interface ReportRequest extends StoryPlace {
  readonly source?: SourceName | undefined
  /** As in `SnapshotRequest`. Undefined: this process's own network namespace. */
  readonly netns?: string | undefined
  /** Bind the port for a moment, to be sure. It is only done in this process's own namespace. */
  readonly mayBind: boolean
  readonly now: () => Date
}

/**
 * Explains who has a port, what uses it, and what stands in the way of binding it.
 *
 * @throws as `takeSnapshot`
 */
export async function explainPort(
  { port, host }: Extract<Target, { kind: 'port' }>,
  request: ReportRequest,
): Promise<PortReport> {
  const { procRoot } = request
  const hosts = host === undefined ? [] : host === 'localhost' ? LOOPBACKS : [host]
  const snapshot = await snapshotOf(port, request)
  const ownershipOf = ownershipIn(snapshot, process.getuid?.(), placesIn(snapshot, procRoot).unitOf)
  const limits = readPortLimits(procRoot)
  const question = { port, hosts, ephemeral: limits.ephemeral }
  const { groups, served, outward } = findHolders(snapshot.records, question, ownershipOf)
  const peerOf = peersIn(snapshot)
  const later = hasWaiting(groups) ? await lookAgain(port, request) : undefined
  const holders = await Promise.all(
    groups.map(group => toHolder(group, { port, served, later, request })),
  )
  const isOwnPlace = request.netns === undefined && procRoot === '/proc'
  const trials =
    request.mayBind && isOwnPlace
      ? await probeBinds(
          (hosts.length === 0 ? USUAL_HOSTS : hosts).map(one => ({
            protocol: 'tcp',
            host: one,
            port,
          })),
        )
      : undefined
  const refused = refusedHosts(trials)
  const unseen = unseenHosts(trials, port, snapshot.records)
  const isHeld = holders.some(({ cause }) => cause !== 'udp')
  const others =
    isHeld || refused.length > 0 || !isOwnPlace ? undefined : await lookElsewhere(port, request)
  const isDoubtful =
    unseen.length > 0 ||
    (refused.length > 0 && holders.every(isOnlyOfKernel) && !showsAllBound(snapshot))
  return {
    kind: 'port',
    port,
    host,
    snapshot,
    holders: holders.sort((a, b) => RANK[a.cause] - RANK[b.cause] || hostOrder(a) - hostOrder(b)),
    isShadowed: isShadowed(groups),
    isReusePort: isReusePort(groups),
    clients: countClients(served, { peerOf, ownershipOf }),
    unclosed: served.filter(one => one.state === 'close-wait' && !isUnaccepted(one)).length,
    lingering: lingering(groups),
    elsewhere: outward.filter(
      one => one.state !== 'time-wait' && one.state !== 'listen' && peerOf(one) === undefined,
    ).length,
    isOwnPlace,
    trials,
    unseen,
    candidates: isDoubtful ? await candidates(request) : [],
    otherNamespaces: others?.records ?? [],
    otherOwners: others?.ownershipOf,
    ...limits,
  }
}

async function snapshotOf(
  port: number,
  request: ReportRequest,
  wantsOwners = true,
): Promise<Snapshot> {
  const { source, netns, procRoot, now } = request
  const { wanted } = await planSelection(
    {
      protocols: new Set(['tcp', 'udp']),
      families: new Set(['ipv4', 'ipv6']),
      states: new Set(ALL_STATES),
      details: new Set(['ip', 'memory']),
      ports: [{ first: port, last: port }],
      pids: [],
      processes: [],
      filter: undefined,
    },
    { wantsOwners, userName: () => undefined },
  )
  return takeSnapshot({
    wanted,
    owners: ({ local, remote }) => wantsOwners && [local, remote].some(one => portOf(one) === port),
    now,
    procRoot,
    ...(source !== undefined && { source }),
    ...(netns !== undefined && { netns }),
  })
}

async function toHolder(
  { cause, records, ownership }: HoldingGroup,
  {
    port,
    served,
    later,
    request,
  }: {
    readonly port: number
    readonly served: readonly SocketRecord[]
    readonly later: readonly SocketRecord[] | undefined
    readonly request: ReportRequest
  },
): Promise<Holder> {
  const owners = ownership.kind === 'held' ? ownership.owners : []
  const [first] = owners
  const story = first && (await tellStory(first.pid, request, port))
  const isListening = cause === 'listener'
  return {
    cause: !isListening
      ? cause
      : story?.standIn !== undefined
        ? 'container'
        : story !== undefined && isInherited(story, owners, request.procRoot)
          ? 'inherited'
          : cause,
    records,
    ownership,
    story,
    sharers: distinct(owners.slice(1)).filter(({ pid }) => pid !== first?.pid),
    isStopped: areStopped(
      distinct(owners).map(({ pid }) => pid),
      request.procRoot,
    ),
    waiting:
      isListening && records[0] !== undefined ? waitingIn(records, served, later) : undefined,
    squatter:
      first &&
      squatterOn(port, {
        protocol: records[0]?.protocol ?? 'tcp',
        platform: process.platform,
        program: first.name,
      }),
  }
}

function hasWaiting(groups: readonly HoldingGroup[]): boolean {
  return groups.some(
    ({ cause, records }) => cause === 'listener' && waitingIn(records, []) !== undefined,
  )
}

/** The sockets of the port a moment later; undefined where a second look would tell nothing new. */
async function lookAgain(
  port: number,
  request: ReportRequest,
): Promise<readonly SocketRecord[] | undefined> {
  // A folder of recorded tables never changes.
  if (request.procRoot !== '/proc') return undefined
  await delay(LOOK_AGAIN_AFTER_MS)
  return (await snapshotOf(port, request, false)).records
}

/** Each process once. */
export function distinct(owners: readonly Owner[]): Owner[] {
  return [...new Map(owners.map(one => [one.pid, one])).values()]
}

/** IPv4 first. */
function hostOrder({ records }: Holder): number {
  return Number(records[0]?.family === 'ipv6')
}

function isShadowed(groups: readonly HoldingGroup[]): boolean {
  const listeners = groups.filter(({ cause }) => cause === 'listener')
  const hosts = listeners.map(({ records }) => records.map(hostOf).sort().join(' '))
  return new Set(hosts).size > 1
}

function isReusePort(groups: readonly HoldingGroup[]): boolean {
  const doors = groups
    .filter(({ cause }) => cause === 'listener')
    .flatMap(({ records }) => records.map(one => `${hostOf(one)} ${one.interfaceIndex}`))
  return new Set(doors).size < doors.length
}

function hostOf({ local }: SocketRecord): string {
  return 'host' in local ? local.host : ''
}

function lingering(groups: readonly HoldingGroup[]): PortReport['lingering'] {
  const records = groups
    .filter(({ cause }) => cause === 'time-wait' || cause === 'closing')
    .flatMap(one => one.records)
  if (records.length === 0) return undefined
  const times = records.map(({ timer }) => timer?.expiresInMs)
  return {
    count: records.length,
    freeInMs: times.includes(undefined) ? undefined : Math.max(...times.map(one => one ?? 0)),
  }
}

/** Who may hold what no table shows. This process asks the kernel through a socket of its own. */
async function candidates({ procRoot, now, source }: ReportRequest): Promise<Owner[]> {
  const { records } = await takeSnapshot({
    wanted: EVERYTHING,
    owners: false,
    procRoot,
    now,
    // Another may list what this one did not show.
    ...(source !== undefined && { source }),
  })
  const listed = new Set(records.map(({ inode }) => inode))
  const sockets = { isListed: (inode: number) => listed.has(inode), heldBy: new Map() }
  const tables = await loadTables(procRoot)
  return unlistedSockets(procRoot, sockets, { least: 1, tables })
    .filter(({ pid }) => pid !== process.pid)
    .map(({ pid, name }) => ({ pid, name, fd: undefined }))
}
