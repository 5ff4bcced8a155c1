import { release } from 'node:os'
import { SockctlError } from '../../errors.ts'
import { loadLibc } from '../../native/libc.ts'
import { withinNamespace } from '../namespaces/enter.ts'
import type { SocketRecord, SocketState, Warning } from '../types.ts'
import { inetDump, tcpDump } from './inet-diag.ts'
import { type DumpRequest, dump, type NetlinkLibc } from './netlink.ts'
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
  async list(wanted, { netnsFile }) {
    const load = await loadLibc()
    if ('missing' in load) {
      throw new SockctlError('ERR_UNSUPPORTED', `cannot call sock_diag: ${load.missing}`)
    }
    const ask = (libc: NetlinkLibc) =>
      requestsFor(wantedTables(wanted)).map(request => dump(libc, request))
    const dumps =
      netnsFile === undefined ? ask(load.libc) : withinNamespace(load.libc, netnsFile, ask)
    const isInterrupted = dumps.some(one => one.isInterrupted)
    return {
      // Not flatMap, which takes its time with long lists.
      records: ([] as SocketRecord[]).concat(...dumps.map(({ items }) => items)),
      warnings: [
        ...kernelLimits(wanted.states, release()),
        ...(isInterrupted ? [INTERRUPTED] : []),
      ],
    }
  },
}

/**
 * Warns that older kernels do not show sockets that are only bound, if these were asked for: beside
 * those that are in use they would hardly be missed.
 *
 * @param kernel its version, as in uname(2)
 */
export function kernelLimits(states: ReadonlySet<SocketState>, kernel: string): Warning[] {
  const [major = 0, minor = 0] = kernel.split('.').map(Number.parseFloat)
  const isAskedFor = states.has('bound-inactive') && !states.has('established')
  if (!isAskedFor || major > 6 || (major === 6 && minor >= 8)) return []
  const message = `Linux ${kernel} does not show TCP sockets that are only bound: 6.8 does`
  return [{ code: 'source-limited', message }]
}

const INTERRUPTED: Warning = {
  code: 'incomplete',
  message: 'the tables of sockets changed while they were read: some may be missing',
}

function requestsFor(tables: readonly SocketTable[]): DumpRequest<SocketRecord>[] {
  const [first, second] = tables.filter(({ protocol }) => protocol === 'tcp')
  const both = first !== undefined && second !== undefined
  const others = both ? tables.filter(({ protocol }) => protocol !== 'tcp') : tables
  return [
    ...(both ? [tcpDump(first.states)] : []),
    ...others.map(table => (table.protocol === 'unix' ? unixDump(table.states) : inetDump(table))),
  ]
}
