import { isIP } from 'node:net'
import type { InetAddress } from '../../../address.ts'
import type { SocketState } from '../../types.ts'
import { hasRemote } from '../kernel-numbers.ts'

/** A line of `netstat -anvl`: a socket, and the process that netstat names for it. */
export interface NetstatRow {
  readonly protocol: 'tcp' | 'udp'
  readonly family: 'ipv4' | 'ipv6'
  readonly state: SocketState
  readonly local: InetAddress
  readonly remote: InetAddress | undefined
  readonly receiveQueue: number
  readonly sendQueue: number
  /** 0: none, as of a TIME_WAIT. Undefined: this netstat does not tell. */
  readonly pid: number | undefined
  /** Only macOS 26 and later tell. Chosen by the process. */
  readonly name: string | undefined
}

export interface NetstatTable {
  readonly rows: readonly NetstatRow[]
  /** How many lines of TCP or UDP could not be understood. */
  readonly unknown: number
  /** Whether there was a heading: without one the text is not from this netstat. */
  readonly hasHeading: boolean
}

/**
 * Reads what `netstat -anvl -p tcp` (or udp) of macOS writes. Which columns there are is taken from the
 * heading: it has changed with macOS 11, 15 and 26. Columns on both sides of the process are
 * counted, as its name may have blanks and colons.
 *
 * Source: inet.c of netstat in Apple's network_cmds.
 */
export function parseNetstatTable(text: string): NetstatTable {
  let layout: Layout | undefined
  let unknown = 0
  const rows: NetstatRow[] = []
  for (const line of text.split('\n')) {
    const columns = HEADING.exec(line)?.[1]
    if (columns !== undefined) {
      layout = layoutOf(columns)
    } else if (layout !== undefined && /^(?:tcp|udp)/.test(line)) {
      const row = parseRow(line, layout)
      if (row === undefined) unknown++
      else rows.push(row)
    }
  }
  return { rows, unknown, hasHeading: layout !== undefined }
}

const HEADING = /^Proto +Recv-Q +Send-Q +Local Address +Foreign Address +\(state\)(.*)$/

/** Where the process stands among the columns that follow the state. */
interface Layout {
  readonly before: number
  /** `pid` is a number; `process:pid` has the name before it. Undefined: there is no such column. */
  readonly column: 'pid' | 'process:pid' | undefined
  readonly after: number
}

function layoutOf(columns: string): Layout {
  const names = columns.trim().split(/ +/)
  const before = names.findIndex(name => name === 'pid' || name === 'process:pid')
  if (before === -1) return { before: 0, column: undefined, after: 0 }
  const column = names[before] === 'pid' ? 'pid' : 'process:pid'
  return { before, column, after: names.length - before - 1 }
}

const ROW = /^(tcp|udp)(4|6|46) +(\d{1,15}) +(\d{1,15}) +(\S+) +(\S+)(?: +(.*))?$/

function parseRow(line: string, layout: Layout): NetstatRow | undefined {
  const [, name, version = '', received, sent, localText = '', remoteText = '', rest = ''] =
    ROW.exec(line) ?? []
  if (name === undefined) return undefined
  const protocol = name === 'tcp' ? 'tcp' : 'udp'
  const [, word = '', behind = ''] = protocol === 'tcp' ? (/^(\S*) *(.*)$/.exec(rest) ?? []) : []
  const local = parseDarwinEnd(localText, version)
  const remote = parseDarwinEnd(remoteText, version)
  const state = protocol === 'tcp' ? STATES.get(word) : udpState(remote)
  const process = parseProcess(protocol === 'tcp' ? behind : rest, layout)
  if (local === undefined || remote === undefined) return undefined
  if (state === undefined || process === undefined) return undefined
  return {
    protocol,
    family: local.family,
    state,
    local,
    remote: hasRemote(state) ? remote : undefined,
    receiveQueue: Number(received),
    sendQueue: Number(sent),
    ...process,
  }
}

/**
 * Reads `host.port` of netstat: the port is behind the last dot, `*` stands for any. A socket for both
 * families (`tcp46`) with an IPv4 address is IPv4.
 *
 * @param version 4, 6 or 46: what the name of the protocol ends in
 */
export function parseDarwinEnd(text: string, version: string): InetAddress | undefined {
  const [, host = '', portText = ''] = /^(.+)\.(\d{1,5}|\*)$/.exec(text) ?? []
  const port = portText === '*' ? 0 : Number(portText)
  if (portText === '' || port > 65_535) return undefined
  if (host === '*') {
    return version === '4'
      ? { family: 'ipv4', host: '0.0.0.0', port }
      : { family: 'ipv6', host: '::', port }
  }
  const kind = isIP(host.replace(/%.*$/, ''))
  return kind === 0 ? undefined : { family: kind === 4 ? 'ipv4' : 'ipv6', host, port }
}

type Process = Pick<NetstatRow, 'pid' | 'name'>

function parseProcess(text: string, { before, column, after }: Layout): Process | undefined {
  if (column === undefined) return { pid: undefined, name: undefined }
  const words = [...text.matchAll(/\S+/g)]
  const first = words[before]
  const last = words[words.length - after - 1]
  if (first === undefined || last === undefined || last.index < first.index) return undefined
  const process = text.slice(first.index, last.index + last[0].length)
  const [, name, pid] = (column === 'pid' ? /^()(\d+)$/ : /^(.*):(\d+)$/).exec(process) ?? []
  if (pid === undefined) return undefined
  return { pid: Number(pid), name: name === '' ? undefined : name }
}

function udpState(remote: InetAddress | undefined): SocketState {
  return remote?.port ? 'established' : 'unconnected'
}

/** tcpstates[] of netinet/tcp_fsm.h. */
const STATES: ReadonlyMap<string, SocketState> = new Map([
  ['CLOSED', 'unconnected'],
  ['LISTEN', 'listen'],
  ['SYN_SENT', 'syn-sent'],
  ['SYN_RCVD', 'syn-recv'],
  ['ESTABLISHED', 'established'],
  ['CLOSE_WAIT', 'close-wait'],
  ['FIN_WAIT_1', 'fin-wait-1'],
  ['CLOSING', 'closing'],
  ['LAST_ACK', 'last-ack'],
  ['FIN_WAIT_2', 'fin-wait-2'],
  ['TIME_WAIT', 'time-wait'],
])
