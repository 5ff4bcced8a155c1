import { formatEnd, portOf, type SocketEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'

/** Puts sockets in the order in which people look for them: by port, protocol, address. */
export function sortByPort(records: readonly SocketRecord[]): SocketRecord[] {
  return records
    .map(record => ({ record, key: sortKey(record.protocol, record.local) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ record }) => record)
}

function sortKey(protocol: string, end: SocketEnd): string {
  return `${String(portOf(end) ?? 0).padStart(5, '0')} ${protocol} ${formatEnd(end)}`
}
