import { readFileSync, statfsSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type SockctlError, systemError } from '../../errors.ts'
import { OWN_PROC } from '../sources/types.ts'
import type { Warning } from '../types.ts'
import {
  type NamedValue,
  parseLines,
  parseNumbers,
  parsePairs,
  parseSockstat,
  parseSoftnet,
} from './parse.ts'
import type { Counter, CounterReading } from './types.ts'

/** Where counters are read, and the clock. */
export interface CounterRequest {
  /** Where proc(5) is mounted. Undefined: this one's, `/proc`. */
  readonly procRoot?: string
  readonly now: () => Date
}

/**
 * Reads the counters of this network namespace; those of softnet, file handles and a part of
 * sockstat are of the whole machine. A file that is not there is named in a warning.
 *
 * @throws ERR_NOT_FOUND, ERR_DENIED when none of the files can be read
 */
export function readCounters({ procRoot, now }: CounterRequest): CounterReading {
  const root = resolve(procRoot ?? OWN_PROC)
  const failures: SockctlError[] = []
  const takenAt = now()
  const parsed = FILES.filter(({ path }) => isOfNamespace(root, path)).map(({ path, parse }) => {
    try {
      return parse(readFileSync(`${root}/${path}`, 'utf8'))
    } catch (error) {
      failures.push(systemError(`cannot read ${root}/${path}`, error))
      return []
    }
  })
  const values = new Map<string, bigint>(parsed.flat())
  if (values.size === 0 && failures[0] !== undefined) throw failures[0]
  return {
    takenAt,
    host: hostname(),
    counters: [...values].map(value => counterOf(value, values)).filter(isShown),
    warnings: [...(failures.length > 0 ? [incomplete(failures)] : []), ...elsewhere(root)],
  }
}

interface CounterFile {
  /** Below the folder where proc(5) is mounted. */
  readonly path: string
  parse(text: string): NamedValue[]
}

const FILES: readonly CounterFile[] = [
  { path: 'net/snmp', parse: parsePairs },
  { path: 'net/netstat', parse: parsePairs },
  { path: 'net/snmp6', parse: parseLines },
  { path: 'net/sockstat', parse: parseSockstat },
  { path: 'net/sockstat6', parse: parseSockstat },
  { path: 'net/softnet_stat', parse: parseSoftnet },
  numbersOf('sys/net/netfilter/nf_conntrack_count', ['ConntrackCount']),
  numbersOf('sys/net/netfilter/nf_conntrack_max', ['ConntrackMax']),
  numbersOf('sys/fs/file-nr', ['FileNrAllocated', 'FileNrUnused', 'FileNrMax']),
  // Not counters: what some of them may reach. The third number of the memory settings is the end.
  numbersOf('sys/net/ipv4/tcp_max_orphans', ['limit_orphans']),
  numbersOf('sys/net/ipv4/tcp_max_tw_buckets', ['limit_timeWait']),
  numbersOf('sys/net/ipv4/tcp_mem', ['limit_tcpLow', 'limit_tcpPressure', 'limit_tcpMemory']),
  numbersOf('sys/net/ipv4/udp_mem', ['limit_udpLow', 'limit_udpPressure', 'limit_udpMemory']),
]

/** Which levels have an end, and what says where it is. */
const LIMITS: Readonly<Record<string, string>> = {
  SockstatTCPOrphan: 'limit_orphans',
  SockstatTCPTw: 'limit_timeWait',
  SockstatTCPMem: 'limit_tcpMemory',
  SockstatUDPMem: 'limit_udpMemory',
  ConntrackCount: 'ConntrackMax',
  FileNrAllocated: 'FileNrMax',
}

/** Those that go down too; with settings that stand among the counters of /proc/net/snmp. */
const LEVEL =
  /^(?:Sockstat|Conntrack|FileNr|TcpRto|TcpMaxConn$|TcpCurrEstab$|IpForwarding$|IpDefaultTTL$|MPTcpExtMPCurrEstab$)/

function counterOf([name, value]: NamedValue, values: ReadonlyMap<string, bigint>): Counter {
  if (!LEVEL.test(name)) return { name, value, kind: 'total' }
  const limit = values.get(LIMITS[name] ?? '')
  return { name, value, kind: 'level', ...(limit !== undefined && { limit }) }
}

/** Begins what is not a counter; the kernel's names begin with a capital. */
const LIMIT = 'limit_'

function isShown({ name }: Counter): boolean {
  return !name.startsWith(LIMIT)
}

function numbersOf(path: string, names: readonly string[]): CounterFile {
  return { path, parse: text => parseNumbers(text, names) }
}

/** The magic number of proc(5) in statfs(2): PROC_SUPER_MAGIC in linux/magic.h. */
const PROC_SUPER_MAGIC = 0x9fa0

/**
 * Whether a file tells of the namespace that was asked for: settings of the network are those of the
 * process that reads, wherever proc(5) is mounted. In a copy of it they are what was copied.
 */
export function isOfNamespace(root: string, path: string): boolean {
  return !path.startsWith('sys/net/') || !isOtherProc(root)
}

function isOtherProc(root: string): boolean {
  if (root === OWN_PROC) return false
  try {
    return statfsSync(root).type === PROC_SUPER_MAGIC
  } catch {
    return false
  }
}

function incomplete(failures: readonly SockctlError[]): Warning {
  const missing = failures.map(({ message }) => message.replace('cannot read ', ''))
  return { code: 'incomplete', message: `not read: ${missing.join('; ')}` }
}

function elsewhere(root: string): Warning[] {
  if (!isOtherProc(root)) return []
  const message = `conntrack and limits are left out: ${root}/sys/net shows those of this process`
  return [{ code: 'source-limited', message }]
}
