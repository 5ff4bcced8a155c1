import { ALL_STATES } from '../select/states.ts'
import type { Protocol, SocketRecord, SocketState } from '../types.ts'
import type { ViewPaint } from './types.ts'

/** How many sockets there are of one kind in one state. */
export interface StateCount {
  readonly protocol: Protocol
  readonly family: SocketRecord['family']
  readonly state: SocketState
  readonly count: number
}

/** Counts sockets by protocol, address family and state; what there is none of is left out. */
export function countStates(records: readonly SocketRecord[]): StateCount[] {
  const counts = new Map<string, { -readonly [K in keyof StateCount]: StateCount[K] }>()
  for (const { protocol, family, state } of records) {
    const key = `${protocol} ${family} ${state}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { protocol, family, state, count: 1 })
    else known.count++
  }
  return [...counts.values()]
}

/** The kinds of socket, each a column: heading, and what is counted in it. */
const KINDS = [
  ['TCP/IPV4', 'tcp', 'ipv4'],
  ['TCP/IPV6', 'tcp', 'ipv6'],
  ['MPTCP/IPV4', 'mptcp', 'ipv4'],
  ['MPTCP/IPV6', 'mptcp', 'ipv6'],
  ['UDP/IPV4', 'udp', 'ipv4'],
  ['UDP/IPV6', 'udp', 'ipv6'],
  ['UDPLITE/IPV4', 'udplite', 'ipv4'],
  ['UDPLITE/IPV6', 'udplite', 'ipv6'],
  ['RAW/IPV4', 'raw', 'ipv4'],
  ['RAW/IPV6', 'raw', 'ipv6'],
  ['UNIX', 'unix', 'unix'],
  ['PACKET', 'packet', 'packet'],
  ['NETLINK', 'netlink', 'netlink'],
  ['VSOCK', 'vsock', 'vsock'],
] as const satisfies readonly (readonly [string, Protocol, SocketRecord['family']])[]

/**
 * Writes the counts as a small table: a row for each state that occurs, a column for each kind of
 * socket that occurs, and their sums.
 */
export async function summaryView(
  counts: readonly StateCount[],
  options: { header: boolean; paint: ViewPaint },
): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const kinds = KINDS.filter(([, protocol, family]) =>
    counts.some(one => one.protocol === protocol && one.family === family),
  )
  const tests = [
    ...kinds.map(
      ([, protocol, family]) =>
        (one: StateCount) =>
          one.protocol === protocol && one.family === family,
    ),
    () => true,
  ]
  const row = (heading: string, among: readonly StateCount[]): string[] => [
    heading,
    ...tests.map(test => paintCount(sum(among.filter(test)), options.paint)),
  ]
  const table = new Table({
    chars: BORDERLESS,
    // cli-table3 would colour its headings and borders by itself.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: ['left', ...tests.map(() => 'right' as const)],
  })
  const headings = ['STATE', ...kinds.map(([heading]) => heading), 'TOTAL']
  if (options.header) table.push(headings.map(options.paint.strong))
  for (const state of ALL_STATES) {
    const among = counts.filter(one => one.state === state)
    if (among.length > 0) table.push(row(state, among))
  }
  table.push(row('total', counts))
  return `${table.toString().replaceAll(/ +$/gm, '')}\n`
}

function sum(counts: readonly StateCount[]): number {
  return counts.reduce((total, { count }) => total + count, 0)
}

function paintCount(count: number, paint: ViewPaint): string {
  return count === 0 ? paint.dim('0') : String(count)
}

const BORDERLESS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map(name => [name, '']),
)
