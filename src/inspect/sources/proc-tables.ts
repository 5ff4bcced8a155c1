import { readFileSync } from 'node:fs'
import { errnoOf, systemError } from '../../errors.ts'
import type { Detail, Protocol, SocketRecord, Wanted, Warning } from '../types.ts'
import { parseInetTable } from './proc-inet-table.ts'
import { parseNetlinkTable } from './proc-netlink-table.ts'
import { parsePacketTable } from './proc-packet-table.ts'
import { parseUnixTable } from './proc-unix-table.ts'
import type { SocketTable } from './wanted-tables.ts'

/**
 * Reads the text of a table of /proc/net, whichever it is. Of those that have no such text there is
 * none.
 */
export function parseTable(text: string, table: SocketTable): SocketRecord[] {
  switch (table.protocol) {
    case 'unix':
      return parseUnixTable(text, table.states)
    case 'packet':
      return parsePacketTable(text)
    case 'netlink':
      return parseNetlinkTable(text)
    case 'vsock':
    case 'mptcp':
      return []
    default:
      return parseInetTable(text, table)
  }
}

/**
 * Reads a table under a mounted proc(5). Undefined: there is none of this protocol.
 *
 * @throws ERR_NOT_FOUND when one that every machine has is missing, ERR_DENIED, ERR_SYSTEM
 */
export function readTable(table: SocketTable, procRoot: string): SocketRecord[] | undefined {
  const name = fileName(table)
  if (name === undefined) return undefined
  const path = `${procRoot}/net/${name}`
  try {
    return parseTable(readFileSync(path, 'utf8'), table)
  } catch (error) {
    const isMissing = errnoOf(error) === 'ENOENT'
    // A machine without IPv6 has no tables of it.
    if (isMissing && table.family === 'ipv6') return []
    if (isMissing && !isOnEveryMachine(table)) return undefined
    throw systemError(`cannot read ${path}`, error)
  }
}

function fileName({ protocol, family }: SocketTable): string | undefined {
  if (protocol === 'mptcp' || protocol === 'vsock') return undefined
  return family === 'ipv6' ? `${protocol}6` : protocol
}

function isOnEveryMachine({ protocol }: SocketTable): boolean {
  return protocol === 'tcp' || protocol === 'udp' || protocol === 'unix'
}

/**
 * Says what these tables do not tell, as far as it was asked for.
 *
 * @param options.also what their place does not have in particular
 */
export function tableLimits(
  tables: readonly SocketTable[],
  { details }: Pick<Wanted, 'details'>,
  { where = '/proc/net', also = [] as readonly string[] } = {},
): Warning[] {
  if (tables.length === 0) return []
  const has = (protocol: Protocol): boolean => tables.some(one => one.protocol === protocol)
  const tcp = tables.find(({ protocol }) => protocol === 'tcp')
  const limits = [
    ...also,
    ...(tcp?.states.has('bound-inactive') ? ['TCP sockets that are only bound'] : []),
    ...(tcp?.states.has('listen') ? ['limits and drops of accept queues'] : []),
    ...(has('unix') ? ['users, peers and queues of unix sockets'] : []),
    ...(has('netlink') ? ['peers of netlink sockets'] : []),
    ...[...(details ?? [])].map(detail => DETAIL_WORDS[detail]),
    ...['devices', 'marks', 'cgroups', 'shut down directions', 'cookies'],
  ]
  return [{ code: 'source-limited', message: `${where} does not show ${listOf(limits)}` }]
}

const DETAIL_WORDS: Readonly<Record<Detail, string>> = {
  'tcp-info': 'the numbers of TCP connections',
  congestion: 'congestion control',
  memory: 'memory',
  ip: 'IP options',
  file: 'inodes of files',
}

/** `a, b and c`. */
function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
