import { endianness } from 'node:os'
import type { InetAddress } from '../../address.ts'
import { ipv4Text, ipv6Text } from '../../ip-bytes.ts'
import type { SocketRecord, SocketTimer } from '../types.ts'
import { hasRemote, stateOf, timerKindOf } from './kernel-numbers.ts'
import type { InetTable } from './wanted-tables.ts'

/**
 * Reads the text of /proc/net/tcp, udp, udplite or raw, or of tcp6 and so on. Headings and lines that
 * are cut off are left out. A socket that changes while the kernel writes the text can stand in it
 * twice; its first line is taken.
 *
 * Source: get_tcp4_sock() and its kin in net/ipv4/tcp_ipv4.c, udp4_format_sock() in net/ipv4/udp.c,
 * raw_sock_seq_show() in net/ipv4/raw.c.
 */
export function parseInetTable(text: string, table: InetTable): SocketRecord[] {
  const readAddress = addressReader(table.family)
  // TCP has other numbers there.
  const hasDrops = table.protocol !== 'tcp'
  const seen = new Set<string>()
  const records: SocketRecord[] = []
  for (const line of text.matchAll(table.family === 'ipv4' ? IPV4_LINE : IPV6_LINE)) {
    const [, local = '', remote = '', code = '', ...columns] = line
    const state = stateOf(hex(code))
    if (state === undefined || !table.states.has(state)) continue
    const [sendQueue = '', receiveQueue = '', timer = '', uid = '', probes = '', inode = ''] =
      columns
    const drops = hasDrops ? columns[6] : undefined
    const key = inode === '0' ? `${local} ${remote}` : inode
    if (seen.has(key)) continue
    seen.add(key)
    records.push({
      protocol: table.protocol,
      family: table.family,
      state,
      local: readAddress(local),
      remote: hasRemote(state) ? readAddress(remote) : undefined,
      receiveQueue: hex(receiveQueue),
      // The limit of an accept queue is not in the table: this column is 0 for every listener.
      sendQueue: state === 'listen' ? undefined : hex(sendQueue),
      inode: Number(inode),
      uid: inode === '0' ? undefined : Number(uid),
      timer: readTimer(timer, Number(probes)),
      cookie: undefined,
      interfaceIndex: undefined,
      unix: undefined,
      drops: drops === undefined ? undefined : Number(drops),
    })
  }
  return records
}

/**
 * `sl: local remote st tx_queue:rx_queue tr:when retrnsmt uid timeout inode`, hex but for the last,
 * and of datagrams then `ref pointer drops`.
 */
function linePattern(address: string): RegExp {
  const end = `(${address}:[\\dA-F]{4})`
  const queues = '([\\dA-F]{8}):([\\dA-F]{8})'
  const timer = '([\\dA-F]{2}:[\\dA-F]{8,16} [\\dA-F]{8})'
  const drops = '(?: \\d+ [\\da-fA-F]+ (\\d+)\\b)?'
  return new RegExp(
    `^ *\\d+: ${end} ${end} ([\\dA-F]{2}) ${queues} ${timer} +(\\d+) +(\\d+) +(\\d+)\\b${drops}`,
    'gm',
  )
}

const IPV4_LINE = linePattern('[\\dA-F]{8}')
const IPV6_LINE = linePattern('[\\dA-F]{32}')

/** The kernel writes an address as 32-bit numbers in the byte order of this machine. */
function addressReader(family: InetTable['family']): (text: string) => InetAddress {
  const bytes = new DataView(new ArrayBuffer(16))
  const hosts = new Map<string, string>()
  const readHost = (digits: string): string => {
    for (let at = 0; at < digits.length; at += 8) {
      bytes.setUint32(at / 2, hex(digits.slice(at, at + 8)), endianness() === 'LE')
    }
    return family === 'ipv4' ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0)
  }
  return text => {
    const digits = text.slice(0, -5)
    let host = hosts.get(digits)
    if (host === undefined) {
      host = readHost(digits)
      hosts.set(digits, host)
    }
    return { family, host, port: hex(text.slice(-4)) }
  }
}

/** USER_HZ: the unit of times in /proc is 1/100 s on every architecture that Node runs on. */
const MS_PER_TICK = 10

/**
 * Reads `tr:when retrnsmt`.
 *
 * @param probes the column `timeout`: probes of an idle or closed peer that nobody answered
 */
function readTimer(text: string, probes: number): SocketTimer | undefined {
  if (text.startsWith('00')) return undefined
  const [code = '', when = '', retransmits = ''] = text.split(/[: ]/)
  const kind = timerKindOf(hex(code))
  if (kind === undefined) return undefined
  const ticks = hex(when)
  return {
    kind,
    // A timer that is overdue can be a negative number there, cast to an unsigned one.
    expiresInMs: ticks < 2 ** 31 ? ticks * MS_PER_TICK : 0,
    retransmits: kind === 'retransmit' ? hex(retransmits) : probes,
  }
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16)
}
