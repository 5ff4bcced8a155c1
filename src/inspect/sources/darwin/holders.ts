import { formatAddress, type InetAddress, inetAddress } from '../../../address.ts'
import type { Owner } from '../../types.ts'
import type { LsofSocket } from './lsof-fields.ts'
import type { NetstatRow } from './netstat-table.ts'

/**
 * Makes the function that names the holders of a line of netstat. netstat names one process, also of
 * other users; lsof names all of them with their descriptors, of those it may look into. They are
 * brought together by the addresses, as nothing else is in both.
 *
 * @param nameOf the name of a process that neither of the two names
 */
export function holdersByAddress(
  rows: readonly NetstatRow[],
  sockets: readonly LsofSocket[],
  nameOf: (pid: number) => string | undefined,
): (row: NetstatRow) => readonly Owner[] {
  const holders = grouped(sockets, keyOf)
  const alike = grouped(rows, keyOf)
  return row => {
    const key = keyOf(row)
    const known = holders.get(key) ?? []
    const { pid } = row
    // Several sockets with the same addresses: lsof cannot say which of them a descriptor is.
    const isOnly = alike.get(key)?.length === 1
    const mine = isOnly ? known : known.filter(one => one.pid === pid)
    const owners = mine.map(({ pid, fd, name }): Owner => ({ pid, fd, name }))
    if (!pid || owners.some(owner => owner.pid === pid)) return owners
    return [...owners, { pid, fd: undefined, name: row.name ?? nameOf(pid) ?? '?' }]
  }
}

/** Names the holders of unix sockets, by their address in the kernel. */
export function holdersByDevice(
  sockets: readonly LsofSocket[],
): (address: string) => readonly Owner[] {
  const holders = grouped(sockets, ({ device }) => device ?? '')
  return address =>
    (holders.get(address) ?? []).map(({ pid, fd, name }): Owner => ({ pid, fd, name }))
}

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}

function keyOf({
  protocol,
  local,
  remote,
}: Pick<LsofSocket, 'protocol' | 'local' | 'remote'>): string {
  const peer = remote === undefined || remote.port === 0 ? '' : endKey(remote)
  return `${protocol} ${local === undefined ? '' : endKey(local)} ${peer}`
}

/**
 * The two write some addresses differently: netstat has the zone behind a `%`, lsof as the number of
 * the interface in the second group (as the kernel does), and IPv4 may come mapped into IPv6.
 */
function endKey({ host, port }: InetAddress): string {
  const plain = host
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^fe80:[\da-f]{1,4}::/, 'fe80::')
  return formatAddress(inetAddress(plain, port))
}
