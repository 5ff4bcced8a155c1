import { usageError } from '../../errors.ts'
import type { SocketRecord, Wanted, Warning } from '../types.ts'
import { type PastedTable, readPastedTables } from './pasted-tables.ts'
import { parseTable, tableLimits } from './proc-tables.ts'
import type { Source } from './types.ts'
import { isEverything, protocolName, wantedTables } from './wanted-tables.ts'

/**
 * The text of tables of /proc/net, copied from a machine that has nothing but cat(1). Who holds the
 * sockets is nowhere in it.
 */
export const pasted: Source = {
  name: 'pasted',
  isFor: ({ pastedText }) => pastedText !== undefined,
  async list(wanted, { pastedText = '' }) {
    const pastedTables = readPastedTables(pastedText)
    if (pastedTables.length === 0) throw noTable(pastedText)
    const tables = wantedTables(wanted)
    const there = tables.filter(one =>
      pastedTables.some(({ protocol }) => protocol === one.protocol),
    )
    const records = pastedTables.flatMap(({ protocol, text }) =>
      there.filter(table => table.protocol === protocol).map(table => parseTable(text, table)),
    )
    return {
      records: ([] as SocketRecord[]).concat(...records),
      warnings: [
        ...missing(pastedTables, wanted),
        ...tableLimits(there, wanted, { where: 'the text', also: ['who holds a socket'] }),
      ],
    }
  },
}

function missing(tables: readonly PastedTable[], wanted: Wanted): Warning[] {
  const missed = [...wanted.protocols].filter(
    one => !tables.some(({ protocol }) => protocol === one),
  )
  if (isEverything(wanted) || missed.length === 0) return []
  const names = missed.map(protocolName).join(' or ')
  return [{ code: 'source-limited', message: `the text has no table of ${names} sockets` }]
}

function noTable(text: string): Error {
  const what = text.trim() === '' ? 'there is no text' : 'the text is no table of /proc/net'
  return usageError(
    `cannot read sockets from stdin: ${what}`,
    'Expected tcp, udp, raw, unix, packet or netlink of /proc/net, with headings; also several.',
    'For example: docker exec app cat /proc/net/tcp /proc/net/tcp6 | sockctl inspect -',
  )
}
