import { inetAddress } from '../../src/address.ts'
import { ownershipIn } from '../../src/inspect/explain/ownership.ts'
import type { Owner, Snapshot, SocketRecord } from '../../src/inspect/types.ts'
import type { SocketList } from '../../src/inspect/views/types.ts'

/** A TCP listener of root on 127.0.0.1:8080, but for what is said otherwise. */
export function record(parts: Partial<SocketRecord> = {}): SocketRecord {
  return {
    protocol: 'tcp',
    family: 'ipv4',
    state: 'listen',
    local: { family: 'ipv4', host: '127.0.0.1', port: 8080 },
    remote: undefined,
    receiveQueue: 0,
    sendQueue: 511,
    inode: 1000,
    uid: 0,
    timer: undefined,
    cookie: 0x2an,
    interfaceIndex: 0,
    unix: undefined,
    ...parts,
  }
}

/** An established connection: `connection('127.0.0.1:8080', '127.0.0.1:40000')`. */
export function connection(
  local: string,
  remote: string,
  parts: Partial<SocketRecord> = {},
): SocketRecord {
  const ends = { local: address(local), remote: address(remote) }
  const family = ends.local.family
  return record({ state: 'established', family, sendQueue: 0, ...ends, ...parts })
}

/** A connected unix stream socket. */
export function unixSocket(path: string, parts: Partial<SocketRecord> = {}): SocketRecord {
  return record({
    protocol: 'unix',
    family: 'unix',
    state: 'established',
    local: { family: 'unix', path },
    sendQueue: 0,
    unix: { type: 'stream', peerInode: 2001 },
    ...parts,
  })
}

export function address(text: string): ReturnType<typeof inetAddress> {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return { ...inetAddress(host, Number(text.slice(colon + 1))), host }
}

/** A snapshot of these sockets, whose owners were looked for when there are some. */
export function snapshot(
  records: readonly SocketRecord[],
  owners?: Readonly<Record<number, readonly Owner[]>>,
): Snapshot {
  return {
    takenAt: new Date('2026-01-02T03:04:05.678Z'),
    host: 'box',
    source: 'sock-diag',
    records,
    owners: owners && new Map(Object.entries(owners).map(([inode, one]) => [Number(inode), one])),
    warnings: [{ code: 'owners-hidden', message: 'some owners are hidden' }],
  }
}

/** All of a snapshot, as a user sees it: uid 1000 (alice) unless said otherwise. */
export function socketList(
  records: readonly SocketRecord[],
  owners?: Readonly<Record<number, readonly Owner[]>>,
  viewerUid = 1000,
): SocketList {
  const taken = snapshot(records, owners)
  return {
    snapshot: taken,
    records,
    ownershipOf: owners && ownershipIn(taken, viewerUid),
    userName: uid => ({ 0: 'root', 33: 'www-data', 1000: 'alice' })[uid],
  }
}
