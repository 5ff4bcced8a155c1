import { readFileSync } from 'node:fs'
import { errnoOf, systemError } from '../../errors.ts'
import type { SocketRecord, Warning } from '../types.ts'
import { parseInetTable } from './proc-inet-table.ts'
import { parseUnixTable } from './proc-unix-table.ts'
import { OWN_PROC, type Source } from './types.ts'
import { type SocketTable, wantedTables } from './wanted-tables.ts'

/** The tables of /proc/net: text that every user may read, and that lacks what came later. */
export const procfs: Source = {
  name: 'procfs',
  isFor: ({ platform, procRoot }) => platform === 'linux' || procRoot !== OWN_PROC,
  async list(wanted, { procRoot }) {
    const tables = wantedTables(wanted)
    return {
      records: ([] as SocketRecord[]).concat(...tables.map(table => readTable(table, procRoot))),
      warnings: limitsOf(tables),
    }
  },
}

function readTable(table: SocketTable, procRoot: string): SocketRecord[] {
  if (table.protocol === 'unix') {
    return parseUnixTable(readText(`${procRoot}/net/unix`), table.states)
  }
  const isIpv6 = table.family === 'ipv6'
  const path = `${procRoot}/net/${table.protocol}${isIpv6 ? '6' : ''}`
  return parseInetTable(readText(path, { mayBeMissing: isIpv6 }), table)
}

/** @param options.mayBeMissing a machine without IPv6 has no tables of it */
function readText(path: string, options = { mayBeMissing: false }): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (options.mayBeMissing && errnoOf(error) === 'ENOENT') return ''
    throw systemError(`cannot read ${path}`, error)
  }
}

/** Says what these tables do not tell, as far as it was asked for. */
function limitsOf(tables: readonly SocketTable[]): Warning[] {
  const tcp = tables.find(({ protocol }) => protocol === 'tcp')
  const hasUnix = tables.some(({ protocol }) => protocol === 'unix')
  const limits = [
    ...(tcp?.states.has('bound-inactive') ? ['TCP sockets that are only bound'] : []),
    ...(tcp?.states.has('listen') ? ['limits of accept queues'] : []),
    ...(hasUnix ? ['users, peers and queues of unix sockets'] : []),
    ...(tables.length > 0 ? ['cookies'] : []),
  ]
  if (limits.length === 0) return []
  return [{ code: 'source-limited', message: `/proc/net does not show ${listOf(limits)}` }]
}

/** `a, b and c`. */
function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
