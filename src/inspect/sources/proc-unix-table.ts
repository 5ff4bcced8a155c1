import type { SocketRecord, SocketState } from '../types.ts'
import { unixTypeOf } from './kernel-numbers.ts'

/**
 * Reads the text of /proc/net/unix. The kernel writes paths as they are, so a path with a line break
 * goes on in the next line; one that contains a whole line of this form cannot be told from two
 * sockets. Every NUL of an abstract name is written as `@`.
 *
 * Source: unix_seq_show() in net/unix/af_unix.c.
 */
export function parseUnixTable(text: string, states: ReadonlySet<SocketState>): SocketRecord[] {
  const records: SocketRecord[] = []
  for (const [, flags = '', type = '', code = '', inode = '', path = ''] of entries(text)) {
    const unixType = unixTypeOf(Number.parseInt(type, 16))
    const state = stateOf(Number.parseInt(flags, 16), Number.parseInt(code, 16))
    if (unixType === undefined || !states.has(state)) continue
    records.push({
      protocol: 'unix',
      family: 'unix',
      state,
      local: { family: 'unix', path },
      remote: undefined,
      receiveQueue: undefined,
      sendQueue: undefined,
      inode: Number(inode),
      uid: undefined,
      timer: undefined,
      cookie: undefined,
      interfaceIndex: undefined,
      unix: { type: unixType, peerInode: undefined },
    })
  }
  return records
}

/** `Num: RefCount Protocol Flags Type St Inode Path`, hex but for the inode. */
const ENTRY =
  /^[^\s:]+: [\dA-F]{8} [\dA-F]{8} ([\dA-F]{8}) ([\dA-F]{4}) ([\dA-F]{2}) +(\d+)(?: (.*))?$/s

/** Joins what belongs together: a line that does not begin as an entry does goes on with a path. */
function* entries(text: string): Generator<RegExpExecArray> {
  let pending: string | undefined
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (ENTRY.test(line)) {
      yield* match(pending)
      pending = line
    } else if (pending !== undefined) {
      pending += `\n${line}`
    }
  }
  yield* match(pending)
}

function* match(entry: string | undefined): Generator<RegExpExecArray> {
  const found = entry === undefined ? null : ENTRY.exec(entry)
  if (found !== null) yield found
}

/** __SO_ACCEPTCON in linux/net.h. */
const ACCEPTS_CONNECTIONS = 0x10000

/**
 * The column is not a state of tcp_states.h: 3 (SS_CONNECTED) and 1 (SS_UNCONNECTED) stand for a
 * socket with a file, 2 and 4 for the same states of one that no process has accepted yet.
 */
function stateOf(flags: number, code: number): SocketState {
  if ((flags & ACCEPTS_CONNECTIONS) !== 0) return 'listen'
  return code === 3 || code === 2 ? 'established' : 'unconnected'
}
