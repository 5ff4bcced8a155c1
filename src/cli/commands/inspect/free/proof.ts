import { inetAddress } from '../../../../address.ts'
import { isDoor } from '../../../../inspect/act/doors.ts'
import { addressHolder } from '../../../../inspect/explain/address-holder.ts'
import { type BindTrial, doorOf, probeReleased } from '../../../../inspect/explain/bind-probe.ts'
import type { SocketRecord } from '../../../../inspect/types.ts'
import { ownerWords } from '../../../../inspect/views/report-words.ts'
import type { GroupOutcome } from './group.ts'
import { lookAtPorts, type PortsSeen } from './look.ts'
import { takenAgain } from './respawn.ts'
import type { FreeResult } from './results.ts'
import type { FreeSession } from './session.ts'
import { portsOf, portsText } from './words.ts'

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

/** Why a bind says nothing about whether somebody else is in the way. */
function untriedText(trial: BindTrial | undefined): string {
  if (trial === undefined) return 'only TCP and UDP are bound'
  switch (trial.result) {
    case 'denied':
      return `only root can bind it (${trial.errno})`
    case 'not-local':
      return `this machine does not have ${trial.host} any more (${trial.errno})`
    default:
      return `${trial.host} could not be tried (${trial.errno})`
  }
}

function holdersText(records: readonly SocketRecord[], { ownershipOf }: PortsSeen): string {
  const owners = records.flatMap(record => {
    const ownership = ownershipOf(record)
    return ownership.kind === 'held' ? ownership.owners : []
  })
  const named = new Map(owners.map(owner => [owner.pid, ownerWords(owner)]))
  return named.size === 0 ? 'a process that you may not see' : [...named.values()].join(', ')
}
