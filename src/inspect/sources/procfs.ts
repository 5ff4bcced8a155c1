import { SockctlError } from '../../errors.ts'
import type { SocketRecord, Warning } from '../types.ts'
import { readTable, tableLimits } from './proc-tables.ts'
import { OWN_PROC, type Source } from './types.ts'
import { isAnExtra, protocolName, type SocketTable, wantedTables } from './wanted-tables.ts'

/** The tables of /proc/net: text that every user may read, and that lacks what came later. */
export const procfs: Source = {
  name: 'procfs',
  isFor: ({ platform, procRoot }) => platform === 'linux' || procRoot !== OWN_PROC,
  async list(wanted, { procRoot }) {
    const tables = wantedTables(wanted)
    const read = tables.map(table => ({ table, records: readTable(table, procRoot) }))
    const there = read.filter(({ records }) => records !== undefined).map(({ table }) => table)
    const missing = tables.filter(table => !there.includes(table))
    if (there.length === 0 && missing.length > 0) throw noTable(missing, procRoot)
    const missed = missing.filter(({ protocol }) => !isAnExtra(protocol, wanted))
    return {
      records: ([] as SocketRecord[]).concat(...read.map(({ records }) => records ?? [])),
      warnings: [
        ...(missed.length > 0 ? [missedTables(missed)] : []),
        ...tableLimits(there, wanted),
      ],
    }
  },
}

function noTable(tables: readonly SocketTable[], procRoot: string): SockctlError {
  const names = namesOf(tables)
  const message = `cannot list ${names} sockets: ${procRoot}/net has no table of them`
  return new SockctlError('ERR_UNSUPPORTED', message)
}

function missedTables(tables: readonly SocketTable[]): Warning {
  const message = `/proc/net has no table of ${namesOf(tables)} sockets: there may be some`
  return { code: 'incomplete', message }
}

/** Each protocol once, of whatever families. */
function namesOf(tables: readonly SocketTable[]): string {
  return [...new Set(tables.map(({ protocol }) => protocolName(protocol)))].join(' or ')
}
