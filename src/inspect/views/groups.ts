import { isInetEnd, portOf, type SocketEnd } from '../ends.ts'
import type { Owner, SocketRecord, SocketState } from '../types.ts'
import type { ColumnNeeds, ListFacts } from './columns/types.ts'
import { netnsText, oneWord } from './end-words.ts'
import type { SocketList } from './types.ts'
import { ownershipText, processText } from './words.ts'

/** What sockets can be counted by. */
export type GroupKind = keyof typeof GROUP_KINDS

/** Sockets that have something in common. */
export interface Group {
  /** Safe to print. In brackets where there is nothing to go by: `(no peer)`. */
  readonly label: string
  /** As in JSON. Undefined where there is nothing to go by. */
  readonly value: string | number | undefined
  readonly count: number
  readonly states: ReadonlyMap<SocketState, number>
}

/** A group in JSON. */
export interface GroupJson {
  readonly by: GroupKind
  readonly group: string | number | undefined
  readonly count: number
  readonly states: Readonly<Partial<Record<SocketState, number>>>
}

type Place = Pick<Group, 'label' | 'value'>

interface Grouping {
  readonly needs?: ColumnNeeds
  /** Where a socket belongs; one that several processes hold belongs to each of them. */
  placesOf(record: SocketRecord, facts: ListFacts): readonly Place[]
}

const GROUP_KINDS = {
  state: { placesOf: ({ state }) => [named(state)] },
  process: { needs: { owners: true }, placesOf: byProcess },
  remote: { placesOf: ({ remote }) => [named(hostOf(remote), '(no peer)')] },
  port: { placesOf: ({ local }) => [named(portOf(local), '(no port)')] },
  user: { placesOf: ({ uid }, { userName }) => [byUser(uid, userName)] },
  container: {
    needs: { owners: true },
    placesOf: (record, { containerOf }) => [
      named(containerOf?.(record)?.id.slice(0, SHORT_ID), '(no container)'),
    ],
  },
  netns: {
    placesOf: ({ netns }) => [
      netns === undefined
        ? { label: '(this one)', value: undefined }
        : { label: netnsText(netns), value: netns.name ?? netns.inode },
    ],
  },
  'local-address': { placesOf: ({ local }) => [named(hostOf(local), '(no address)')] },
} as const satisfies Readonly<Record<string, Grouping>>

/** So much of a container's id is enough for its engine, and is what `docker ps` prints. */
const SHORT_ID = 12

/** The words of `--group-by`. */
export const GROUP_WORDS = Object.keys(GROUP_KINDS) as readonly GroupKind[]

/** What has to be looked for to count by this. */
export function groupNeeds(kind: GroupKind): ColumnNeeds {
  const grouping: Grouping = GROUP_KINDS[kind]
  return grouping.needs ?? {}
}

/** Where a socket belongs when they are counted by this. */
export function placesOf(
  record: SocketRecord,
  facts: ListFacts,
  kind: GroupKind,
): readonly Place[] {
  const grouping: Grouping = GROUP_KINDS[kind]
  return grouping.placesOf(record, facts)
}

/** Counts sockets by what they have in common, the largest group first. */
export function groupSockets(list: SocketList, kind: GroupKind): Group[] {
  const groups = new Map<string, MutableGroup>()
  for (const record of list.records) {
    const { state } = record
    for (const place of placesOf(record, list, kind)) {
      let group = groups.get(place.label)
      if (group === undefined) {
        group = { ...place, count: 0, states: new Map() }
        groups.set(place.label, group)
      }
      group.count++
      group.states.set(state, (group.states.get(state) ?? 0) + 1)
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count)
}

type MutableGroup = Place & { count: number; readonly states: Map<SocketState, number> }

/** The value that stands for a group in `--json` and `--ndjson`. */
export function groupJson({ value, count, states }: Group, by: GroupKind): GroupJson {
  return { by, group: value, count, states: Object.fromEntries(states) }
}

function named(value: string | number | undefined, otherwise = ''): Place {
  return { label: value === undefined ? otherwise : oneWord(String(value)), value }
}

function byUser(uid: number | undefined, userName: ListFacts['userName']): Place {
  if (uid === undefined) return { label: '(nobody)', value: undefined }
  const name = userName(uid) ?? uid
  return named(name)
}

function byProcess(record: SocketRecord, { ownershipOf, userName }: ListFacts): readonly Place[] {
  const ownership = ownershipOf?.(record)
  if (ownership === undefined) return []
  if (ownership.kind === 'held') return processesOf(ownership.owners)
  if (ownership.kind === 'unaccepted' && ownership.listener.kind === 'held') {
    return processesOf(ownership.listener.owners).map(({ label }) => ({
      label: `(waiting to be accepted by ${label})`,
      value: undefined,
    }))
  }
  return [{ label: ownershipText(ownership, record.state, userName), value: undefined }]
}

/** A process may hold a socket by several descriptors: that is one place. */
function processesOf(owners: readonly Owner[]): Place[] {
  const byPid = new Map(owners.map(owner => [owner.pid, owner]))
  return [...byPid.values()].map(owner => {
    const label = processText(owner)
    return { label, value: label }
  })
}

/** The address of an end without its port; of a unix socket its path. */
function hostOf(end: SocketEnd | undefined): string | undefined {
  if (isInetEnd(end)) return end.host
  if (end?.family === 'unix') return end.path || undefined
  return end?.family === 'vsock' ? `vsock:${end.cid}` : undefined
}
