import { readFileSync } from 'node:fs'
import type { SocketRecord, Warning } from '../types.ts'
import { userNames } from '../users.ts'
import type { OwnerAnswer, OwnerQuestion } from './find-owners.ts'

/**
 * Warns of sockets whose holders this user may not see, and says whose they are. Where every process
 * could be looked into, a socket without a holder is no reason to warn.
 */
export function hiddenOwners(
  records: readonly SocketRecord[],
  { owners, deniedProcesses }: OwnerAnswer,
  { procRoot, viewerUid }: Omit<OwnerQuestion, 'sockets'>,
): Warning[] {
  const sockets = records.filter(({ inode }) => inode !== 0 && !owners.has(inode))
  if (sockets.length === 0) return []
  const isRoot = viewerUid === 0
  const hidesProcesses = !isRoot && readHidepid(procRoot)
  if (deniedProcesses === 0 && !hidesProcesses) return []
  const hidden = countByUser(sockets)
  const whose = `the owners of ${sockets.length} sockets (${usersText(hidden)}) are hidden from you`
  const why = isRoot
    ? 'here not even root may look into every process'
    : hidesProcesses
      ? '/proc is mounted with hidepid; root may see them'
      : 'root may see them'
  return [{ code: 'owners-hidden', message: `${whose}: ${why}`, hidden }]
}

type UserCount = NonNullable<Warning['hidden']>[number]

/** The users with the most sockets first. */
function countByUser(records: readonly SocketRecord[]): UserCount[] {
  const counts = new Map<number | undefined, number>()
  for (const { uid } of records) counts.set(uid, (counts.get(uid) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([uid, sockets]) => (uid === undefined ? { sockets } : { uid, sockets }))
}

/** `root 12, uid 1234 2` */
function usersText(counts: readonly UserCount[]): string {
  const nameOf = userNames()
  return counts
    .map(({ uid, sockets }) => {
      const user = uid === undefined ? 'unknown users' : (nameOf(uid) ?? `uid ${uid}`)
      return `${user} ${sockets}`
    })
    .join(', ')
}

/** Whether proc(5) is mounted so that processes of other users cannot be looked into, or seen. */
function readHidepid(procRoot: string): boolean {
  try {
    const mounts = readFileSync(`${procRoot}/mounts`, 'utf8')
    return /^\S+ \S+ proc \S*\bhidepid=(?:[124]|noaccess|invisible|ptraceable)/m.test(mounts)
  } catch {
    return false
  }
}
