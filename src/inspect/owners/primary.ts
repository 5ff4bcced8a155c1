import { readFileSync } from 'node:fs'
import type { Owner, SocketRecord } from '../types.ts'
import { parseCgroup } from './cgroup/path.ts'
import { cgroupIdAt, findCgroupRoot } from './cgroup/tree.ts'
import { readStat } from './process/stat.ts'

/** The root of all cgroups: a socket that was made there tells nothing of who made it. */
const ROOT_CGROUP = 1

/**
 * Puts the holders of each socket in order: first the one that is most likely meant. Not pid 1, which
 * keeps the sockets of units that it starts on demand; rather one in the cgroup in which the socket
 * was made; then the one that runs the longest, the parent of the others.
 *
 * @param procRoot where proc(5) is mounted
 */
export function primaryFirst(
  owners: ReadonlyMap<number, readonly Owner[]>,
  records: readonly SocketRecord[],
  procRoot: string,
): ReadonlyMap<number, readonly Owner[]> {
  const shared: [number, readonly Owner[]][] = []
  for (const [inode, holders] of owners) {
    if (holders.length > 1 && isShared(holders)) shared.push([inode, holders])
  }
  if (shared.length === 0) return owners
  const wanted = new Set(shared.map(([inode]) => inode))
  const cgroups = new Map<number, number | undefined>()
  for (const record of records) {
    const { inode } = record
    if (wanted.has(inode)) cgroups.set(inode, record.cgroupId)
  }
  const order = orderIn(procRoot)
  const ordered = new Map(owners)
  for (const [inode, holders] of shared) ordered.set(inode, order(holders, cgroups.get(inode)))
  return ordered
}

function isShared(owners: readonly Owner[]): boolean {
  const [first] = owners
  return owners.some(({ pid }) => pid !== first?.pid)
}

function orderIn(
  procRoot: string,
): (owners: readonly Owner[], cgroupId: number | undefined) => Owner[] {
  const facts = new Map<number, RankFacts>()
  const factsOf = (pid: number): RankFacts => {
    const known = facts.get(pid) ?? readRankFacts(procRoot, pid)
    facts.set(pid, known)
    return known
  }
  let root: string | undefined
  const isAtHome = (pid: number, cgroupId: number | undefined): boolean => {
    if (cgroupId === undefined || cgroupId === ROOT_CGROUP) return false
    root ??= findCgroupRoot(procRoot)
    const { cgroup } = factsOf(pid)
    return root !== undefined && cgroup !== undefined && cgroupIdAt(root, cgroup) === cgroupId
  }
  return (owners, cgroupId) => {
    const ranked = owners.map(owner => {
      const { pid, fd = 0 } = owner
      const isStarter = Number(pid === 1)
      const isAway = Number(!isAtHome(pid, cgroupId))
      return { owner, rank: [isStarter, isAway, factsOf(pid).startTicks, pid, fd] }
    })
    return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ owner }) => owner)
  }
}

interface RankFacts {
  /** Of a process that has ended: none is later. */
  readonly startTicks: number
  readonly cgroup: string | undefined
}

function readRankFacts(procRoot: string, pid: number): RankFacts {
  const folder = `${procRoot}/${pid}`
  try {
    const { startTicks } = readStat(folder)
    return { startTicks, cgroup: parseCgroup(readFileSync(`${folder}/cgroup`, 'utf8')) }
  } catch {
    return { startTicks: Number.MAX_SAFE_INTEGER, cgroup: undefined }
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
