import { inetAddress } from '../../../../address.ts'
import { isDoor } from '../../../../inspect/act/doors.ts'
import { addressHolder } from '../../../../inspect/explain/address-holder.ts'
import { doorOf, probeReleased } from '../../../../inspect/explain/bind-probe.ts'
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
  if (left.length > 0) return notFree(`${holdersText(left, seen)} still holds it`)
  const doors = group.doors.map(doorOf).filter(door => door !== undefined)
  const trials = await probeReleased(doors)
  const at = trials.findIndex(({ result: trial }) => trial !== 'ok' && trial !== 'not-local')
  const failed = trials[at]
  if (failed === undefined && doors.length < group.doors.length) {
    say(`nobody holds ${portsText(ports)} any more (only TCP and UDP are bound, to prove that)`)
    return result
  }
  if (failed === undefined) {
    say(`${portsText(ports)} ${areFree}`)
    return result
  }
  if (failed.result === 'denied') {
    say(`nobody holds ${portsText(ports)} any more (only root can bind it, to prove that)`)
    return result
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
  const named = new Map(owners.map(owner => [owner.pid, nameOf(owner)]))
  return named.size === 0 ? 'somebody' : [...named.values()].join(', ')
}
