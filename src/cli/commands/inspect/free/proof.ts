import { inetAddress } from '../../../../address.ts'
import { isDoor } from '../../../../inspect/act/doors.ts'
import { addressHolder } from '../../../../inspect/explain/address-holder.ts'
import { doorOf, probeReleased } from '../../../../inspect/explain/bind-probe.ts'
import type { SocketRecord } from '../../../../inspect/types.ts'
import { ownerWords } from '../../../../inspect/views/report-words.ts'
import type { GroupOutcome } from './group.ts'
import { lookAtPorts, type PortsSeen } from './look.ts'
import { takenAgain } from './respawn.ts'
import type { FreeResult } from './results.ts'
import { type FreeSession, sayAsRoot } from './session.ts'
import { portsOf, portsText, untriedText } from './words.ts'

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
  const { flags, context, say } = session
  const ports = portsOf(group)
  const [areFree, areNot] = ports.length === 1 ? ['is free', 'is not'] : ['are free', 'are not']
  const seen = await lookAtPorts(ports, flags, { owners: true, context })
  const notFree = (reason: string): FreeResult => {
    say(`${portsText(ports)} ${areNot} free: ${reason}`)
    return { ...result, outcome: 'still-held', reason }
  }
  const inodes = new Set(group.doors.map(({ inode }) => inode))
  const left = seen.records.filter(one => isDoor(one) && inodes.has(one.inode))
  if (left.length > 0) {
    const stillHeld = notFree(`${holdersText(left, seen)} still holds it`)
    if (!left.some(one => seen.ownershipOf(one).kind === 'hidden')) return stillHeld
    const hidden = seen.snapshot.warnings.filter(({ code }) => code === 'owners-hidden')
    for (const { message } of hidden) say(message)
    sayAsRoot(ports, session)
    return { ...stillHeld, outcome: 'denied' }
  }
  const doors = group.doors.map(doorOf).filter(door => door !== undefined)
  const trials = await probeReleased(doors)
  const at = trials.findIndex(({ result: trial }) => trial === 'in-use')
  const failed = trials[at]
  if (failed === undefined) {
    const untried = trials.find(({ result: trial }) => trial !== 'ok')
    if (untried === undefined && doors.length === group.doors.length) {
      say(`${portsText(ports)} ${areFree}`)
      return result
    }
    const reason = `nobody is seen to hold it any more, but no bind shows that: ${untriedText(untried)}`
    say(`${portsText(ports)}: ${reason}`)
    return { ...result, outcome: 'unproven', reason }
  }
  const fresh = seen.records.filter(one => isDoor(one) && !known.has(one.inode))
  if (fresh.length > 0) return takenAgain(result, { ports, known, afterMs: undefined }, session)
  const viewer = { uid: session.asker.uid, userName: session.teller.userName }
  const { host, port } = doors[at] ?? {}
  const holder =
    host === undefined || port === undefined
      ? undefined
      : addressHolder(seen.snapshot, inetAddress(host, port), viewer)
  return notFree(holder ?? `binding it fails (${failed.errno}), and nobody is seen to hold it`)
}

function holdersText(records: readonly SocketRecord[], { ownershipOf }: PortsSeen): string {
  const owners = records.flatMap(record => {
    const ownership = ownershipOf(record)
    return ownership.kind === 'held' ? ownership.owners : []
  })
  const named = new Map(owners.map(owner => [owner.pid, ownerWords(owner)]))
  const isHidden = records.some(record => ownershipOf(record).kind === 'hidden')
  const unseen = isHidden || named.size === 0 ? ['a process that you may not see'] : []
  return [...named.values(), ...unseen].join(', ')
}
