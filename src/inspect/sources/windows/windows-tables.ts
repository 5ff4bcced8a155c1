import { SockctlError } from '../../../errors.ts'
import { type Iphlpapi, loadIphlpapi } from '../../../native/iphlpapi.ts'
import type { Wanted, Warning } from '../../types.ts'
import type { RunCommand } from '../run-command.ts'
import type { Listing } from '../types.ts'
import { decodeTable, type WindowsRow } from './table-rows.ts'
import { ensureInternet, systemFolder, withNames } from './windows-sockets.ts'

/**
 * Lists the sockets of Windows by the tables of its IP Helper library.
 *
 * @throws ERR_UNSUPPORTED when it cannot be called, ERR_DENIED, ERR_SYSTEM when it gives no table
 */
export async function listByTables(wanted: Wanted, run: RunCommand): Promise<Listing> {
  ensureInternet(wanted)
  const load = await loadIphlpapi(`${systemFolder()}\\iphlpapi.dll`)
  if ('missing' in load) {
    throw new SockctlError('ERR_UNSUPPORTED', `cannot call iphlpapi.dll: ${load.missing}`)
  }
  const { rows, warnings } = readTables(wanted, load.iphlpapi)
  const listing = await withNames(rows, run)
  return { ...listing, warnings: [...listing.warnings, ...warnings] }
}

/** AF_INET and AF_INET6 of winsock2.h. */
const FAMILIES = { ipv4: 2, ipv6: 23 } as const

/**
 * Reads the wanted tables.
 *
 * @throws ERR_DENIED, ERR_SYSTEM when not one of them can be read; else a warning names the others
 */
export function readTables(
  wanted: Wanted,
  library: Iphlpapi,
): { readonly rows: readonly WindowsRow[]; readonly warnings: readonly Warning[] } {
  const tables = (['tcp', 'udp'] as const).flatMap(protocol =>
    (['ipv4', 'ipv6'] as const).map(family => ({ protocol, family })),
  )
  const asked = tables.filter(
    ({ protocol, family }) => wanted.protocols.has(protocol) && wanted.families.has(family),
  )
  const failures: SockctlError[] = []
  const rows = asked.map(table => {
    try {
      const read = table.protocol === 'tcp' ? library.tcpTable : library.udpTable
      return decodeTable(read(FAMILIES[table.family]), table)
    } catch (error) {
      if (!(error instanceof SockctlError)) throw error
      failures.push(error)
      return []
    }
  })
  const [failure] = failures
  if (failure !== undefined && failures.length === asked.length) throw failure
  return {
    rows: rows.flat(),
    warnings: failures.map(({ message }) => ({ code: 'incomplete', message })),
  }
}
