import { type Address, formatAddress } from '../../address.ts'
import type { SocketRecord } from '../types.ts'

/** Puts sockets in the order in which people look for them: by port, protocol, address. */
export function sortByPort(records: readonly SocketRecord[]): SocketRecord[] {
  return records
    .map(record => ({ record, key: sortKey(record.protocol, record.local) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ record }) => record)
}

function sortKey(protocol: string, address: Address): string {
  const port = address.family === 'unix' ? 0 : address.port
  return `${String(port).padStart(5, '0')} ${protocol} ${formatAddress(address)}`
}
