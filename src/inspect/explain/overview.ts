import { isLoopback } from '../../address.ts'
import { isInetEnd, portOf } from '../ends.ts'
import type { Owner, SocketRecord } from '../types.ts'
import type { Ownership, OwnershipOf } from './ownership.ts'
import { type ProcessStory, type StoryPlace, tellStory } from './process-story.ts'

/** A program that waits on a port, by whatever addresses. */
export interface OverviewRow {
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  readonly records: readonly SocketRecord[]
  readonly ownership: Ownership
  readonly owner: Owner | undefined
  /** Undefined: hidden, none, or it has just ended. */
  readonly story: ProcessStory | undefined
  readonly isOpenToNetwork: boolean
  /** Connections to it, TIME_WAIT and its like left out. */
  readonly connections: number
  /** A service of the machine, not somebody's program. */
  readonly isSystem: boolean
  /** It runs for a day or longer, and nobody is connected. */
  readonly isIdle: boolean
  /** The first listener of another process of the same project. */
  readonly sameProjectAs: Pick<OverviewRow, 'protocol' | 'port'> | undefined
  /** Another program waits on the same port. */
  readonly isShared: boolean
}

/** Whether somebody has probably forgotten that it runs. */
export function looksForgotten({ story, isIdle }: OverviewRow): boolean {
  return story?.orphan !== undefined || isIdle
}

/**
 * Describes the listeners of this machine by their programs: those of people first, then those of
 * the system, each by port.
 *
 * @param listeners what to describe, of `records`
 */
export async function describeListeners(
  listeners: readonly SocketRecord[],
  {
    records,
    ownershipOf,
    now,
    ...place
  }: StoryPlace & {
    readonly records: readonly SocketRecord[]
    readonly ownershipOf: OwnershipOf
    readonly now: Date
  },
): Promise<OverviewRow[]> {
  const stories = new Map<number, Promise<ProcessStory | undefined>>()
  const storyOf = (owner: Owner, port: number): Promise<ProcessStory | undefined> => {
    const known = stories.get(owner.pid) ?? tellStory(owner.pid, place, port)
    stories.set(owner.pid, known)
    return known
  }
  const uses = countUses(records)
  const groups = groupByProgram(listeners, ownershipOf)
  const described = await Promise.all(
    groups.map(async ({ records: sockets, ownership }) => {
      const [first] = sockets
      const port = portOf(first?.local) ?? 0
      const protocol = first?.protocol === 'udp' ? ('udp' as const) : ('tcp' as const)
      const [owner] = ownership.kind === 'held' ? ownership.owners : []
      const story = owner && (await storyOf(owner, port))
      const connections = protocol === 'tcp' ? (uses.get(port) ?? 0) : 0
      const isSystem = isOfSystem(ownership, story)
      return {
        ...{ protocol, port, records: sockets, ownership, owner, story, connections, isSystem },
        isOpenToNetwork: sockets.some(({ local }) => isInetEnd(local) && !isLoopback(local.host)),
        isIdle: protocol === 'tcp' && connections === 0 && !isSystem && isOld(story, now),
      }
    }),
  )
  const inOrder = described.sort(
    (a, b) =>
      Number(a.isSystem) - Number(b.isSystem) ||
      a.port - b.port ||
      (a.protocol < b.protocol ? -1 : Number(a.protocol > b.protocol)),
  )
  const firstOfProject = new Map<string, (typeof inOrder)[number]>()
  return inOrder.map(row => {
    const folder = row.story?.facts.project?.folder
    const first = folder === undefined ? row : (firstOfProject.get(folder) ?? row)
    if (folder !== undefined) firstOfProject.set(folder, first)
    return {
      ...row,
      sameProjectAs: first.owner?.pid === row.owner?.pid ? undefined : first,
      isShared: inOrder.some(
        one => one !== row && one.port === row.port && one.protocol === row.protocol,
      ),
    }
  })
}

interface ProgramGroup {
  readonly records: SocketRecord[]
  readonly ownership: Ownership
}

/** The IPv4 and the IPv6 socket of one program are one listener to whoever looks. */
function groupByProgram(
  listeners: readonly SocketRecord[],
  ownershipOf: OwnershipOf,
): readonly ProgramGroup[] {
  const groups = new Map<string, ProgramGroup>()
  for (const record of listeners) {
    const ownership = ownershipOf(record)
    const who =
      ownership.kind === 'held'
        ? `${ownership.owners[0]?.pid}`
        : `${ownership.kind} ${record.uid ?? ''}`
    const key = `${record.protocol} ${portOf(record.local)} ${who}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { records: [record], ownership })
    else known.records.push(record)
  }
  return [...groups.values()]
}

function countUses(records: readonly SocketRecord[]): ReadonlyMap<number, number> {
  const uses = new Map<number, number>()
  for (const record of records) {
    const { protocol, state } = record
    if (protocol !== 'tcp' || state === 'listen' || state === 'time-wait') continue
    if (record.remote === undefined) continue
    const port = portOf(record.local) ?? 0
    uses.set(port, (uses.get(port) ?? 0) + 1)
  }
  return uses
}

/** Lower ones are of the system: login.defs(5), UID_MIN. */
const FIRST_USER = 1000

function isOfSystem(ownership: Ownership, story: ProcessStory | undefined): boolean {
  if (ownership.kind === 'hidden') return (ownership.uid ?? 0) < FIRST_USER
  if (story === undefined) return ownership.kind !== 'held'
  const { facts, placement, standIn } = story
  if (standIn !== undefined || placement?.container !== undefined) return false
  if (placement?.manager === 'system' && placement.unit?.endsWith('.service')) return true
  const isOfPeople = facts.project !== undefined || facts.terminal !== undefined
  return !isOfPeople && story.orphan === undefined && (facts.uid ?? 0) < FIRST_USER
}

const A_DAY_MS = 86_400_000

function isOld(story: ProcessStory | undefined, now: Date): boolean {
  const started = story?.facts.startedAt
  return started !== undefined && now.getTime() - started.getTime() >= A_DAY_MS
}
