import type { SocketRecord, Wanted } from '../types.ts'
import { type InetQuestion, inetDump, tcpDump } from './inet-diag.ts'
import type { KnownTables } from './known-records.ts'
import type { Subflows } from './merge-mptcp.ts'
import type { DumpRequest } from './netlink.ts'
import { netlinkDump } from './netlink-diag.ts'
import { packetDump } from './packet-diag.ts'
import { unixDump } from './unix-diag.ts'
import { vsockDump } from './vsock-diag.ts'
import { type InetTable, type SocketTable, wantedTables } from './wanted-tables.ts'

/** What to ask the kernel for at once. */
export interface TableRequest {
  /** The tables that one answer holds. */
  readonly tables: readonly SocketTable[]
  /** The ways of asking, the best first: the next one is for kernels that refuse it. */
  readonly dumps: readonly DumpRequest<SocketRecord>[]
}

/**
 * Makes the requests for all sockets that are wanted.
 *
 * @param known of the look before; undefined: this is the only look
 */
export function requestsFor(
  wanted: Wanted,
  subflows: Subflows,
  known?: KnownTables,
): TableRequest[] {
  const requestFor = (table: SocketTable) => requestOf(table, wanted, { subflows, known })
  const tables = wantedTables(wanted)
  const [first, second] = tables.filter(({ protocol }) => protocol === 'tcp')
  if (first === undefined || second === undefined) {
    return tables.map(requestFor)
  }
  const others = tables.filter(({ protocol }) => protocol !== 'tcp')
  return [
    {
      tables: [first, second],
      dumps: questionsOf(wanted).map(one =>
        tcpDump(first.states, { ...one, known: known?.of('tcp') }),
      ),
    },
    ...others.map(requestFor),
  ]
}

function requestOf(
  table: SocketTable,
  wanted: Wanted,
  { subflows, known }: { readonly subflows: Subflows; readonly known: KnownTables | undefined },
): TableRequest {
  const { states } = table
  switch (table.protocol) {
    case 'unix':
      return { tables: [table], dumps: [unixDump(states, wanted.details)] }
    case 'packet':
      return { tables: [table], dumps: [packetDump()] }
    case 'netlink':
      return { tables: [table], dumps: [netlinkDump(states)] }
    case 'vsock':
      return { tables: [table], dumps: [vsockDump(states)] }
    default: {
      const inetTable: InetTable = table
      const more = {
        subflowOf: subflows.of,
        known: known?.of(`${inetTable.protocol} ${inetTable.family}`),
      }
      return {
        tables: [table],
        dumps: questionsOf(wanted).map(one => inetDump(inetTable, { ...one, ...more })),
      }
    }
  }
}

/** With the program that leaves sockets in the kernel, then without it. */
function questionsOf({ details, kernelFilter }: Wanted): InetQuestion[] {
  return kernelFilter === undefined ? [{ details }] : [{ details, kernelFilter }, { details }]
}
