import { isDoor } from '../../../../inspect/act/doors.ts'
import { trialBind } from '../../../../inspect/act/trial-bind.ts'
import { isInetEnd } from '../../../../inspect/ends.ts'
import { addressHolder } from '../../../../inspect/explain/address-holder.ts'
import type { SocketRecord } from '../../../../inspect/types.ts'
import type { GroupOutcome } from './group.ts'
import { lookAtPorts, type PortsSeen } from './look.ts'
import { takenAgain } from './respawn.ts'
import type { FreeResult } from './results.ts'
import type { FreeSession } from './session.ts'
import { nameOf, portsOf, portsText } from './words.ts'

/**
 * Proves that what a group held can be bound again, and says so; or who holds it now.
 *
 * @param known the inodes of all that stood there before
 */
export async function proveFree(
  { group, result }: Pick<GroupOutcome, 'group' | 'result'>,
  known: ReadonlySet<number>,
  session: FreeSession,
): Promise<FreeResult> {
  const { flags, say } = session
  const ports = portsOf(group)
  const [areFree, areNot] = ports.length === 1 ? ['is free', 'is not'] : ['are free', 'are not']
  const seen = await lookAtPorts(ports, flags, { owners: true })
  const notFree = (reason: string): FreeResult => {
    say(`${portsText(ports)} ${areNot} free: ${reason}`)
    return { ...result, outcome: 'still-held', reason }
  }
  const inodes = new Set(group.doors.map(({ inode }) => inode))
  const left = seen.records.filter(one => isDoor(one) && inodes.has(one.inode))
  if (left.length > 0) return notFree(`${holdersText(left, seen)} still holds it`)
  const verdicts = await Promise.all(group.doors.map(door => trialBind(door)))
  const failed = verdicts.findIndex(one => one !== 'free' && one !== 'EADDRNOTAVAIL')
  const verdict = verdicts[failed]
  if (verdict === undefined) {
    say(`${portsText(ports)} ${areFree}`)
    return result
  }
  if (verdict === 'EACCES') {
    say(`nobody holds ${portsText(ports)} any more (only root can bind it, to prove that)`)
    return result
  }
  const fresh = seen.records.filter(one => isDoor(one) && !known.has(one.inode))
  if (fresh.length > 0) return takenAgain(result, { ports, known, afterMs: undefined }, session)
  const viewer = { uid: session.asker.uid, userName: session.teller.userName }
  const local = group.doors[failed]?.local
  const holder = isInetEnd(local) ? addressHolder(seen.snapshot, local, viewer) : undefined
  return notFree(holder ?? `binding it fails (${verdict}), and nobody is seen to hold it`)
}

function holdersText(records: readonly SocketRecord[], { ownershipOf }: PortsSeen): string {
  const owners = records.flatMap(record => {
    const ownership = ownershipOf(record)
    return ownership.kind === 'held' ? ownership.owners : []
  })
  const named = new Map(owners.map(owner => [owner.pid, nameOf(owner)]))
  return named.size === 0 ? 'somebody' : [...named.values()].join(', ')
}
