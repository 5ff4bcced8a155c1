import { execFileSync } from 'node:child_process'
import { formatEnd } from '../../src/inspect/ends.ts'
import { STATE_LABELS } from '../../src/inspect/views/words.ts'
import type { PlainRecord } from './plain-snapshot.ts'

/** One line of ss(8), in the words of a record. */
export interface SsRow {
  readonly protocol: string
  readonly state: string
  readonly local: string
  readonly remote: string
  readonly receiveQueue: number
  readonly sendQueue: number
  readonly inode: number
  readonly cookie: string
  readonly uid: number
  readonly timer: string | undefined
  /** `name pid fd`, sorted. */
  readonly holders: readonly string[]
}

/**
 * Runs `ss` over TCP and UDP sockets.
 *
 * @param inside what to run it by: see `SocketsInStates`
 */
export function ssInternet(inside: readonly string[]): SsRow[] {
  const lines = run([...inside, 'ss', '-tuanpeoOH']).split('\n')
  return lines.filter(line => line !== '').map(inetRow)
}

/** A unix socket as ss shows it; paths without what is blank at their ends. */
export interface SsUnixRow {
  readonly type: string
  readonly state: string
  readonly queues: string
  readonly path: string
  readonly inode: number
  /** 0: none. */
  readonly peer: number
}

/** Runs `ss` over unix sockets. */
export function ssUnix(inside: readonly string[]): SsUnixRow[] {
  // A path may go on in the next line.
  const entry = /^u_(\w+)\s+(\S+)\s+(\d+)\s+(\d+)\s+(.*?)\s(\d+)\s+\*\s+(\d+)\s*$/gms
  return [...run([...inside, 'ss', '-xanOH']).matchAll(entry)].map(
    ([, type = '', state = '', received, sent, path = '', inode, peer]) => ({
      type,
      state,
      queues: `${received} ${sent}`,
      path: path === '*' ? '' : path.trim(),
      inode: Number(inode),
      peer: Number(peer),
    }),
  )
}

function inetRow(line: string): SsRow {
  const [protocol = '', state = '', received, sent, local = '', remote = ''] = line.split(/\s+/)
  return {
    protocol,
    state,
    local: local.replace(/^\*/, '[::]').replace(/%\w+/, ''),
    remote: remote.replace(/^\*/, '[::]'),
    receiveQueue: Number(received),
    sendQueue: Number(sent),
    inode: Number(/ ino:(\d+)/.exec(line)?.[1]),
    cookie: / sk:([\da-f]+)/.exec(line)?.[1] ?? '',
    uid: Number(/ uid:(\d+)/.exec(line)?.[1] ?? 0),
    timer: / timer:\((\w+),/.exec(line)?.[1],
    holders: [...line.matchAll(/\("([^"]*)",pid=(\d+),fd=(\d+)\)/g)]
      .map(([, name, pid, fd]) => `${name} ${pid} ${fd}`)
      .sort(),
  }
}

function run([file = '', ...args]: readonly string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

const TIMERS = {
  retransmit: 'on',
  keepalive: 'keepalive',
  'time-wait': 'timewait',
  'zero-window-probe': 'persist',
} as const

/** What ss would show of a record. */
export function ssRowOf(record: PlainRecord): SsRow {
  const { state, remote, timer, family } = record
  const anyone = family === 'ipv6' ? '[::]:*' : '0.0.0.0:*'
  return {
    protocol: record.protocol,
    state: STATE_LABELS[state],
    local: formatEnd(record.local),
    remote: remote === undefined ? anyone : formatEnd(remote),
    receiveQueue: record.receiveQueue ?? Number.NaN,
    sendQueue: record.sendQueue ?? Number.NaN,
    inode: record.inode,
    cookie: record.cookie ?? '',
    uid: record.uid ?? 0,
    timer: timer && TIMERS[timer.kind],
    holders: record.holders.map(({ name, pid, fd }) => `${name} ${pid} ${fd}`).sort(),
  }
}

const UNIX_TYPES = { stream: 'str', datagram: 'dgr', seqpacket: 'seq' } as const

/** What ss would show of the record of a unix socket. */
export function ssUnixRowOf(record: PlainRecord): SsUnixRow {
  const { unix, state, local, inode } = record
  const path = local.family === 'unix' ? local.path : ''
  return {
    type: UNIX_TYPES[unix?.type ?? 'stream'],
    state: STATE_LABELS[state],
    queues: `${record.receiveQueue} ${record.sendQueue}`,
    path: path.replaceAll('\0', '@').trim(),
    inode,
    peer: unix?.peerInode ?? 0,
  }
}
