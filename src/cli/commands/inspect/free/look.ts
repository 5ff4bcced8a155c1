import { isDoor } from '../../../../inspect/act/doors.ts'
import { isInetEnd } from '../../../../inspect/ends.ts'
import { type OwnershipOf, ownershipIn } from '../../../../inspect/explain/ownership.ts'
import { planSelection } from '../../../../inspect/select/plan.ts'
import { ALL_STATES } from '../../../../inspect/select/states.ts'
import { takeSnapshot } from '../../../../inspect/snapshot.ts'
import type { Protocol, Snapshot, SocketRecord } from '../../../../inspect/types.ts'
import { userNames } from '../../../../inspect/users.ts'
import type { Context } from '../../../context.ts'
import { namesProtocols, readFamilies, readProtocols } from '../protocols.ts'
import type { InspectFlags } from '../question.ts'

/** The sockets on some ports, and who holds them. */
export interface PortsSeen {
  readonly snapshot: Snapshot
  readonly records: readonly SocketRecord[]
  readonly ownershipOf: OwnershipOf
}

/** Reads what stands on these ports now. */
export async function lookAtPorts(
  ports: readonly number[],
  flags: InspectFlags,
  { owners, context }: { readonly owners: boolean; readonly context: Context },
): Promise<PortsSeen> {
  const protocols = new Set<Protocol>(readProtocols(flags, { onlyInternet: true }))
  // A client of UDP can have drawn the number of a port as well: it is no listener of anybody.
  if (!namesProtocols(flags)) protocols.delete('udp')
  // A listener of MPTCP is one of TCP too, under an inode that no process holds.
  if (protocols.has('tcp')) protocols.add('mptcp')
  const plan = await planSelection(
    {
      protocols,
      families: new Set(readFamilies(flags)),
      states: new Set(ALL_STATES),
      details: new Set(['ip']),
      ports: ports.map(port => ({ first: port, last: port })),
      pids: [],
      processes: [],
      filter: undefined,
    },
    // Those who explain connections that nobody has accepted are on the same port.
    { wantsOwners: false, userName: userNames() },
  )
  const isHere = ({ local }: SocketRecord): boolean =>
    isInetEnd(local) && ports.includes(local.port)
  const snapshot = await takeSnapshot({
    wanted: plan.wanted,
    owners: owners && isHere,
    now: () => context.now(),
    ...(flags.source !== undefined && { source: flags.source }),
  })
  const records = snapshot.records.filter(isHere)
  return {
    snapshot,
    records: withoutSubflows(records),
    ownershipOf: ownershipIn(snapshot, process.getuid?.()),
  }
}

function withoutSubflows(records: readonly SocketRecord[]): SocketRecord[] {
  const nameOf = ({ local }: SocketRecord): string =>
    isInetEnd(local) ? `${local.host} ${local.port}` : ''
  const doors = new Set(
    records.filter(one => one.protocol === 'mptcp' && isDoor(one)).map(one => nameOf(one)),
  )
  return records.filter(one => !(one.protocol === 'tcp' && isDoor(one) && doors.has(nameOf(one))))
}
