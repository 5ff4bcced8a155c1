import { inetAddress } from '../../address.ts'
import { isInetEnd, type SocketEnd } from '../ends.ts'
import type { Snapshot, SocketRecord } from '../types.ts'

/** Finds the socket at the other end, where that is on this machine and was collected. */
export type PeerOf = (record: SocketRecord) => SocketRecord | undefined

/**
 * Makes the function that finds the other end of a connection within this machine: of a unix socket
 * by the inode of its peer, of an IP socket by the same two addresses the other way round. The
 * snapshot has to hold both ends, so it should not be narrowed to one of them.
 */
export function peersIn({ records }: Pick<Snapshot, 'records'>): PeerOf {
  let byInode: ReadonlyMap<number, SocketRecord> | undefined
  let byEnds: ReadonlyMap<string, SocketRecord> | undefined
  return record => {
    if (record.protocol === 'unix') {
      const inode = record.unix?.peerInode
      if (inode === undefined) return undefined
      byInode ??= indexBy(records, one =>
        one.protocol === 'unix' ? one.inode || undefined : undefined,
      )
      return byInode.get(inode)
    }
    const wanted = endsOf(record, record.remote, record.local)
    if (wanted === undefined) return undefined
    byEnds ??= indexBy(records, one => endsOf(one, one.local, one.remote))
    return byEnds.get(wanted)
  }
}

/** Those that pass, and the other ends of their connections. */
export function withPeers(
  records: readonly SocketRecord[],
  passes: (record: SocketRecord) => boolean,
): ReadonlySet<SocketRecord> {
  const peerOf = peersIn({ records })
  const wanted = new Set(records.filter(passes))
  for (const record of [...wanted]) {
    const peer = peerOf(record)
    if (peer !== undefined) wanted.add(peer)
  }
  return wanted
}

function indexBy<Key>(
  records: readonly SocketRecord[],
  keyOf: (record: SocketRecord) => Key | undefined,
): ReadonlyMap<Key, SocketRecord> {
  const index = new Map<Key, SocketRecord>()
  for (const record of records) {
    const key = keyOf(record)
    if (key !== undefined) index.set(key, record)
  }
  return index
}

/** Each network namespace has a loopback of its own; other addresses may lead from one to another. */
function endsOf(
  { protocol, netns }: SocketRecord,
  from: SocketEnd | undefined,
  to: SocketEnd | undefined,
): string | undefined {
  if (!isInetEnd(from) || !isInetEnd(to)) return undefined
  const here = inetAddress(from.host, 0).host
  const there = inetAddress(to.host, 0).host
  const place = here.startsWith('127.') || here === '::1' ? `${netns?.inode ?? ''} ` : ''
  return `${place}${protocol} ${here} ${from.port} ${there} ${to.port}`
}
