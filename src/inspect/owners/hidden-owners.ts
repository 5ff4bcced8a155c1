import { readFileSync } from 'node:fs'
import type { Snapshot, SocketRecord, Warning } from '../types.ts'
import { userNames } from '../users.ts'
import type { OwnerAnswer, OwnerQuestion } from './find-owners.ts'
import type { RunningProcess } from './running-processes.ts'

/**
 * Warns of sockets whose holders this user may not see, and says whose they are. It rests on processes
 * that could hold them, and may not be looked into: without one, a socket without a holder is no
 * reason to warn.
 *
 * @param records sockets that were still there when all processes had been read
 */
export function hiddenOwners(
  records: readonly SocketRecord[],
  { owners, denied, seesNoProcess }: OwnerAnswer,
  { procRoot, viewerUid }: Omit<OwnerQuestion, 'sockets'>,
): Warning[] {
  const sockets = records.filter(({ inode }) => inode !== 0 && !owners.has(inode))
  if (sockets.length === 0) return []
  const isRoot = viewerUid === 0
  const hidesProcesses = !isRoot && readHidepid(procRoot)
  const couldBeHeld = couldBeHeldBy(denied, viewerUid)
  const hiddenOnes = sockets.filter(
    ({ uid }) => seesNoProcess || (hidesProcesses && uid !== viewerUid) || couldBeHeld(uid),
  )
  if (hiddenOnes.length === 0) return []
  const hidden = countByUser(hiddenOnes)
  const users = usersText(hidden)
  const whose =
    hiddenOnes.length === 1
      ? `the owner of 1 socket (${users}) is hidden from you`
      : `the owners of ${hiddenOnes.length} sockets (${users}) are hidden from you`
  const code = 'owners-hidden'
  if (seesNoProcess) {
    const reason = `no process can be seen in ${procRoot}: proc(5) has to be mounted there`
    return [
      { code, message: `${whose}: ${reason}`, reason, hidden },
      { code: 'incomplete', message: reason },
    ]
  }
  if (isRoot) {
    const reason = 'here not even root may look into every process'
    return [{ code, message: `${whose}: ${reason}`, reason, hidden }]
  }
  if (hidesProcesses) {
    const reason = '/proc is mounted with hidepid'
    return [{ code, message: `${whose}: ${reason}; root may see them`, reason, hidden }]
  }
  return [{ code, message: `${whose}: root may see them`, hidden }]
}

/** What keeps owners hidden, beside that their processes are of other users. */
export function hiddenReason({ warnings }: Pick<Snapshot, 'warnings'>): string | undefined {
  return warnings.find(({ code }) => code === 'owners-hidden')?.reason
}

/**
 * Makes the test whether one of these processes could hold a socket that this user made. A process
 * can have given up the rights with which it made a socket, but only from those of root, and root
 * can make them for others.
 */
function couldBeHeldBy(
  denied: readonly RunningProcess[],
  viewerUid: number | undefined,
): (uid: number | undefined) => boolean {
  let users: ReadonlySet<number> | undefined
  return uid => {
    if (denied.length === 0) return false
    if (uid === undefined || uid === 0) return true
    users ??= new Set(denied.flatMap(readUsers))
    return users.has(uid) || (uid !== viewerUid && users.has(0))
  }
}

/** As whom a process runs, or ran: real, effective, saved and of files (credentials(7)). */
function readUsers({ folder, uid }: RunningProcess): number[] {
  try {
    const [, ids = ''] = /^Uid:\s*(.*)$/m.exec(readFileSync(`${folder}/status`, 'utf8')) ?? []
    return ids.split(/\s+/).map(Number)
  } catch {
    return [uid]
  }
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
