import type { Protocol } from '../types.ts'

/** A table that somebody has copied from /proc/net of some machine. */
export interface PastedTable {
  readonly protocol: Protocol
  /** From its heading to the next one. */
  readonly text: string
}

/**
 * Finds the tables in a text by their headings; lines before the first are left out. IPv4 and IPv6
 * are told apart line by line. Headings are all that names a table, and those of udp6, udplite6 and
 * raw6 are the same, as those of udp and udplite are: all count as UDP, unless a line of tail(1) or
 * head(1) before it says which file it is: `==> /proc/net/raw6 <==`.
 */
export function readPastedTables(text: string): PastedTable[] {
  const tables: { protocol: Protocol; lines: string[] }[] = []
  let named: Protocol | undefined
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const file = FILE_LINE.exec(line)?.[1]
    if (file !== undefined) {
      named = PROTOCOLS_BY_FILE.get(file)
      continue
    }
    const heading = protocolOfHeading(line)
    if (heading === undefined) tables.at(-1)?.lines.push(line)
    else tables.push({ protocol: named ?? heading, lines: [] })
    if (heading !== undefined) named = undefined
  }
  return tables.map(({ protocol, lines }) => ({ protocol, text: lines.join('\n') }))
}

const FILE_LINE = /^==> (?:.*\/)?(\w+) <==$/

const PROTOCOLS_BY_FILE: ReadonlyMap<string, Protocol> = new Map([
  ['raw', 'raw'],
  ['raw6', 'raw'],
  ['udplite', 'udplite'],
  ['udplite6', 'udplite'],
])

const HEADINGS: readonly (readonly [RegExp, Protocol])[] = [
  // Of the tables for datagrams in IPv4, this one alone has two blanks before and none behind.
  [/^ {2}sl +local_address rem_address .* inode ref pointer drops$/, 'raw'],
  [/^ *sl +local_address +rem\w*_address +st .* inode ref pointer drops *$/, 'udp'],
  [/^ *sl +local_address +rem\w*_address +st .* inode *$/, 'tcp'],
  [/^ *Num +RefCount +Protocol +Flags +Type +St +Inode +Path *$/, 'unix'],
  [/^ *sk +RefCnt +Type +Proto +Iface +R +Rmem +User +Inode *$/, 'packet'],
  [/^ *sk +Eth +Pid +Groups +Rmem +Wmem +.*Inode *$/, 'netlink'],
]

function protocolOfHeading(line: string): Protocol | undefined {
  return HEADINGS.find(([pattern]) => pattern.test(line))?.[1]
}
