import { readFileSync } from 'node:fs'
import { holdersOf } from '../snapshot.ts'
import type { Snapshot, SocketRecord } from '../types.ts'
import { parseCgroup } from './cgroup/path.ts'
import { type Container, type Placement, placementOf } from './cgroup/placement.ts'
import { findCgroupRoot, readCgroupTree } from './cgroup/tree.ts'

/** Where sockets belong: in which container, to which unit of systemd. */
export interface Places {
  /** The container of the first holder; undefined when it is in none, or it cannot be told. */
  containerOf(record: SocketRecord): Container | undefined
  /** The unit of the first holder: `nginx.service`. */
  unitOf(record: SocketRecord): string | undefined
  /** The path of a cgroup by its number, below where cgroup2 is mounted. */
  cgroupName(id: number): string | undefined
  /** Whether a process of this container is among its holders, or it was made there. */
  isOfContainer(record: SocketRecord, id: string): boolean
}

/**
 * Makes the functions that tell where a socket of this snapshot belongs: where its first holder runs,
 * or, when nobody is seen to hold it, where it was made. Each cgroup is read when it is asked for,
 * and once.
 *
 * @param procRoot where proc(5) is mounted
 */
export function placesIn(snapshot: Pick<Snapshot, 'owners'>, procRoot = '/proc'): Places {
  const byPid = new Map<number, Placement | undefined>()
  let tree: ReadonlyMap<number, string> | undefined

  function ofProcess(pid: number): Placement | undefined {
    if (!byPid.has(pid)) byPid.set(pid, placementOfProcess(pid, procRoot))
    return byPid.get(pid)
  }

  function cgroupName(id: number): string | undefined {
    tree ??= readCgroupTree(findCgroupRoot(procRoot))
    return tree.get(id)
  }

  function ofCgroup(id: number | undefined): Placement | undefined {
    const path = id === undefined ? undefined : cgroupName(id)
    return path === undefined ? undefined : placementOf(path)
  }

  function placementFor(record: SocketRecord): Placement | undefined {
    const [first] = holdersOf(snapshot, record) ?? []
    return (first && ofProcess(first.pid)) ?? ofCgroup(record.cgroupId)
  }

  return {
    containerOf: record => placementFor(record)?.container,
    unitOf: record => placementFor(record)?.unit,
    cgroupName,
    isOfContainer(record, id) {
      const pids = (holdersOf(snapshot, record) ?? []).map(({ pid }) => pid)
      const placements = pids.length > 0 ? pids.map(ofProcess) : [ofCgroup(record.cgroupId)]
      return placements.some(one => one?.container?.id === id)
    },
  }
}

/** Where a process belongs; undefined when it has ended, or its cgroups cannot be read. */
export function placementOfProcess(pid: number, procRoot = '/proc'): Placement | undefined {
  try {
    const path = parseCgroup(readFileSync(`${procRoot}/${pid}/cgroup`, 'utf8'))
    return path === undefined ? undefined : placementOf(path)
  } catch {
    return undefined
  }
}
