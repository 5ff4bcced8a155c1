import type { Owner, Snapshot, SocketRecord, Warning } from '../../src/inspect/types.ts'

/** A record whose fields are all read, as plain data that JSON can hold. */
export type PlainRecord = Omit<SocketRecord, 'cookie'> & {
  readonly cookie: string | undefined
  readonly holders: readonly Owner[]
}

export interface PlainSnapshot {
  readonly source: Snapshot['source']
  readonly warnings: readonly Warning[]
  readonly records: readonly PlainRecord[]
}

export function plainSnapshot({ source, warnings, records, owners }: Snapshot): PlainSnapshot {
  return {
    source,
    warnings,
    records: records.map(record => ({
      ...plainRecord(record),
      holders: [...(owners?.get(record.inode) ?? [])],
    })),
  }
}

/** Reads every field: records may decode them only then. */
export function plainRecord(record: SocketRecord): Omit<PlainRecord, 'holders'> {
  return {
    protocol: record.protocol,
    family: record.family,
    state: record.state,
    local: record.local,
    remote: record.remote,
    receiveQueue: record.receiveQueue,
    sendQueue: record.sendQueue,
    inode: record.inode,
    uid: record.uid,
    timer: record.timer,
    cookie: record.cookie?.toString(16),
    interfaceIndex: record.interfaceIndex,
    unix: record.unix,
    netns: record.netns,
    shutdown: record.shutdown,
    drops: record.drops,
    memory: record.memory,
    mark: record.mark,
    cgroupId: record.cgroupId,
    ip: record.ip,
    tcp: record.tcp,
  }
}
