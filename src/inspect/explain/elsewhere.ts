import { SockctlError } from '../../errors.ts'
import { portOf } from '../ends.ts'
import { readNetwork } from '../namespaces/list.ts'
import { takeSnapshot } from '../snapshot.ts'
import type { SocketRecord } from '../types.ts'
import { type OwnershipOf, ownershipIn } from './ownership.ts'
import type { ReportRequest } from './port.ts'

/** Finds who listens on a port in other network namespaces; undefined where none can be looked into. */
export async function lookElsewhere(
  port: number,
  { procRoot, now }: ReportRequest,
): Promise<{ records: SocketRecord[]; ownershipOf: OwnershipOf } | undefined> {
  if (process.platform !== 'linux') return undefined
  try {
    const own = readNetwork(`${procRoot}/self`)
    const isThere = ({ local, netns }: SocketRecord): boolean =>
      portOf(local) === port && netns?.inode !== own
    const snapshot = await takeSnapshot({
      wanted: {
        protocols: new Set(['tcp', 'udp']),
        families: new Set(['ipv4', 'ipv6']),
        states: new Set(['listen', 'unconnected']),
      },
      owners: isThere,
      netns: 'all',
      procRoot,
      now,
    })
    return {
      records: snapshot.records.filter(isThere),
      ownershipOf: ownershipIn(snapshot, process.getuid?.()),
    }
  } catch (error) {
    if (error instanceof SockctlError || (error as NodeJS.ErrnoException).code) return undefined
    throw error
  }
}
