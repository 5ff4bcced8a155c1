import { SockctlError } from '../../errors.ts'
import { type Libc, loadLibc } from '../../native/libc.ts'
import type { SocketRecord, SocketState, Warning } from '../types.ts'
import { inetDump } from './inet-diag.ts'
import { type Dump, dump } from './netlink.ts'
import { OWN_PROC, type Source } from './types.ts'
import { unixDump } from './unix-diag.ts'
import { type SocketTable, wantedTables } from './wanted-tables.ts'

/**
 * The kernel's own interface to its sockets, sock_diag(7), which ss(8) uses too. It tells the most,
 * takes the least time, and leaves sockets in other states where they are. It needs koffi.
 */
export const sockDiag: Source = {
  name: 'sock-diag',
  isFor: ({ platform, procRoot }) => platform === 'linux' && procRoot === OWN_PROC,
  async list(wanted) {
    const load = await loadLibc()
    if ('missing' in load) {
      throw new SockctlError('ERR_UNSUPPORTED', `cannot call sock_diag: ${load.missing}`)
    }
    const dumps = wantedTables(wanted).map(table => dumpTable(load.libc, table, wanted.states))
    return {
      records: dumps.flatMap(({ items }) => withoutRepeats(items)),
      warnings: dumps.some(({ isInterrupted }) => isInterrupted) ? [INTERRUPTED] : [],
    }
  },
}

const INTERRUPTED: Warning = {
  code: 'incomplete',
  message: 'the tables of sockets changed while they were read: some may be missing',
}

function dumpTable(
  libc: Libc,
  table: SocketTable,
  states: ReadonlySet<SocketState>,
): Dump<SocketRecord> {
  return dump(libc, table.protocol === 'unix' ? unixDump(states) : inetDump({ ...table, states }))
}

/** The kernel walks its hash tables while they change: a socket that moves can come twice. */
function withoutRepeats(records: readonly SocketRecord[]): SocketRecord[] {
  const seen = new Set<bigint | undefined>()
  return records.filter(({ cookie }) => !seen.has(cookie) && seen.add(cookie))
}
