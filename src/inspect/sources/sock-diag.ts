import { release } from 'node:os'
import { SockctlError } from '../../errors.ts'
import { loadLibc } from '../../native/libc.ts'
import { withinNamespace } from '../namespaces/enter.ts'
import type { SocketRecord, SocketState, Wanted, Warning } from '../types.ts'
import { mptcpSubflows } from './merge-mptcp.ts'
import { dump, type NetlinkLibc } from './netlink.ts'
import { readTable, tableLimits } from './proc-tables.ts'
import { requestsFor, type TableRequest } from './table-requests.ts'
import { OWN_PROC, type Place, type Source } from './types.ts'
import { isAnExtra, type SocketTable } from './wanted-tables.ts'

/**
 * The kernel's own interface to its sockets, sock_diag(7), which ss(8) uses too. It tells the most,
 * takes the least time, and leaves sockets that are not wanted where they are. It needs koffi. Tables
 * that this kernel does not give this way are read from /proc/net.
 */
export const sockDiag: Source = {
  name: 'sock-diag',
  isFor: ({ platform, procRoot }) => platform === 'linux' && procRoot === OWN_PROC,
  async list(wanted, place, known) {
    const load = await loadLibc()
    if ('missing' in load) {
      throw new SockctlError('ERR_UNSUPPORTED', `cannot call sock_diag: ${load.missing}`)
    }
    const subflows = mptcpSubflows()
    const ask = (libc: NetlinkLibc) =>
      requestsFor(wanted, subflows, known).map(request => answerOf(libc, request))
    const { netns } = place
    const answers =
      netns === undefined ? ask(load.libc) : withinNamespace(load.libc, netns.file, ask)
    const failed = answers.filter(answer => answer.failure !== undefined)
    const [first] = failed
    if (first?.failure !== undefined && failed.length === answers.length) throw first.failure
    const instead = failed.map(answer => readInstead(answer, wanted, place))
    const all = [...answers, ...instead]
    return {
      // Not flatMap, which takes its time with long lists.
      records: subflows.merge(([] as SocketRecord[]).concat(...all.map(({ records }) => records))),
      warnings: [
        ...kernelLimits(wanted.states, release()),
        ...uniqueWarnings(instead.flatMap(({ warnings }) => warnings)),
        ...(answers.some(({ isInterrupted }) => isInterrupted) ? [INTERRUPTED] : []),
      ],
    }
  },
}

interface TableAnswer {
  readonly tables: readonly SocketTable[]
  readonly records: readonly SocketRecord[]
  readonly isInterrupted: boolean
  /** Why there is no answer. */
  readonly failure?: SockctlError
}

function answerOf(libc: NetlinkLibc, { tables, dumps }: TableRequest): TableAnswer {
  let failure: SockctlError | undefined
  for (const request of dumps) {
    try {
      const { items, isInterrupted } = dump(libc, request)
      return { tables, records: items, isInterrupted }
    } catch (error) {
      if (!isRefusal(error)) throw error
      failure = error
    }
  }
  return { tables, records: [], isInterrupted: false, ...(failure !== undefined && { failure }) }
}

/** The kernel does not have this table, or not for us: another source may. */
function isRefusal(error: unknown): error is SockctlError {
  return (
    error instanceof SockctlError &&
    (error.code === 'ERR_UNSUPPORTED' || error.code === 'ERR_DENIED')
  )
}

/** Looks into /proc/net for tables that the kernel does not give through sock_diag. */
function readInstead(
  { tables, failure }: TableAnswer,
  wanted: Wanted,
  place: Place,
): { readonly records: readonly SocketRecord[]; readonly warnings: readonly Warning[] } {
  const folder = processesThere(place)
  const read = tables.map(table => (folder === undefined ? undefined : readTable(table, folder)))
  const records = ([] as SocketRecord[]).concat(...read.map(one => one ?? []))
  const isMissed = tables.some(({ protocol }) => !isAnExtra(protocol, wanted))
  if (!isMissed || failure === undefined) return { records, warnings: [] }
  const isThere = read.some(one => one !== undefined)
  const message = isThere ? `${failure.message}; looked into /proc/net instead` : failure.message
  return {
    records,
    warnings: [
      { code: isThere ? 'source-limited' : 'incomplete', message },
      ...(isThere ? tableLimits(tables, wanted) : []),
    ],
  }
}

/** Where the tables of the namespace are that is asked in; undefined when nobody lives there. */
function processesThere({ procRoot, netns }: Place): string | undefined {
  if (netns === undefined) return procRoot
  return netns.pid === undefined ? undefined : `${procRoot}/${netns.pid}`
}

/** Both families of a protocol fail for one reason. */
function uniqueWarnings(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map(warning => [warning.message, warning])).values()]
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
  isPassing: true,
  message: 'the tables of sockets changed while they were read: some may be missing',
}
