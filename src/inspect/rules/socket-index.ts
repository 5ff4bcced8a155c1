import { inetAddress, isLoopback, isWildcard } from '../../address.ts'
import { isInetEnd, portOf, type SocketEnd } from '../ends.ts'
import type { Protocol, SocketRecord, SocketState } from '../types.ts'

/** The sockets of a snapshot, found by what rules ask for. */
export interface SocketIndex {
  readonly count: number
  of(protocol: Protocol, state: SocketState): readonly SocketRecord[]
  /** The listener through which a TCP connection came in, or would have. */
  listenerFor(end: SocketEnd): SocketRecord | undefined
  /** The other end of a TCP connection, where that is on this machine too. */
  peerOf(record: SocketRecord): SocketRecord | undefined
  /** The same socket in this index, if it is in it in the same state. */
  find(record: SocketRecord): SocketRecord | undefined
}

/** Sorts sockets; what only few rules ask for is sorted when the first of them does. */
export function indexSockets(records: readonly SocketRecord[]): SocketIndex {
  const groups = new Map<string, SocketRecord[]>()
  for (const record of records) {
    const key = `${record.protocol} ${record.state}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [record])
    else known.push(record)
  }
  const of: SocketIndex['of'] = (protocol, state) => groups.get(`${protocol} ${state}`) ?? []
  const byIdentity = new Map<string, ReadonlyMap<Identity, SocketRecord>>()
  let byEnds: ReadonlyMap<string, SocketRecord> | undefined
  return {
    count: records.length,
    of,
    listenerFor(end) {
      const sameDoor = of('tcp', 'listen').filter(({ local }) => portOf(local) === portOf(end))
      return sameDoor.find(one => isSameHost(one.local, end)) ?? sameDoor.find(isForAll(end))
    },
    peerOf({ local, remote }) {
      if (remote === undefined) return undefined
      byEnds ??= indexEnds(records)
      return byEnds.get(endsKey(remote, local))
    },
    find(record) {
      const key = `${record.protocol} ${record.state}`
      let known = byIdentity.get(key)
      if (known === undefined) {
        known = new Map(of(record.protocol, record.state).map(one => [identityOf(one), one]))
        byIdentity.set(key, known)
      }
      const identity = identityOf(record)
      return identity === undefined ? undefined : known.get(identity)
    },
  }
}

/** Whether an end is on this machine alone. */
export function isLocal(end: SocketEnd | undefined): boolean {
  return isInetEnd(end) && isLoopback(end.host)
}

type Identity = bigint | number | undefined

/** Of sources that know no cookies, the inode has to do: it is not used again at once. */
function identityOf({ cookie, inode }: SocketRecord): Identity {
  return cookie ?? (inode === 0 ? undefined : inode)
}

function indexEnds(records: readonly SocketRecord[]): ReadonlyMap<string, SocketRecord> {
  const known = new Map<string, SocketRecord>()
  for (const record of records) {
    const { protocol, local, remote } = record
    if (protocol === 'tcp' && remote !== undefined) known.set(endsKey(local, remote), record)
  }
  return known
}

function endsKey(local: SocketEnd, remote: SocketEnd): string {
  return `${endKey(local)} ${endKey(remote)}`
}

function endKey(end: SocketEnd): string {
  return isInetEnd(end) ? `${plainHost(end)} ${end.port}` : ''
}

/** An IPv4 peer of a dual-stack socket counts as what it is. */
function plainHost(end: SocketEnd): string {
  return isInetEnd(end) ? inetAddress(end.host, 0).host : ''
}

function isSameHost(a: SocketEnd, b: SocketEnd): boolean {
  return plainHost(a) === plainHost(b)
}

/** A wildcard listener takes its own family; that of IPv6 most often IPv4 as well. */
function isForAll(end: SocketEnd): (listener: SocketRecord) => boolean {
  const family = isInetEnd(end) ? inetAddress(end.host, 0).family : undefined
  return ({ local, family: own }) =>
    isInetEnd(local) && isWildcard(local.host) && (own === 'ipv6' || own === family)
}
