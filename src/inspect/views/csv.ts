import { terminalText } from '../../terminal-text.ts'
import { type EndJson, type SocketJson, socketJson } from './json.ts'
import type { SocketList } from './types.ts'
import { ownersText } from './words.ts'

type Cell = string | number | undefined

/** The columns and what each holds, named as in the JSON where it has the same thing. */
const COLUMNS: Readonly<Record<string, (socket: SocketJson) => Cell>> = {
  protocol: socket => socket.protocol,
  family: socket => socket.family,
  type: socket => socket.type,
  state: socket => socket.state,
  localAddress: ({ local }) => addressOf(local),
  localPort: ({ local }) => portOf(local),
  remoteAddress: ({ remote }) => addressOf(remote),
  remotePort: ({ remote }) => portOf(remote),
  peerInode: socket => socket.peerInode,
  receiveQueueBytes: socket => socket.receiveQueueBytes,
  sendQueueBytes: socket => socket.sendQueueBytes,
  acceptQueue: socket => socket.acceptQueue,
  acceptQueueLimit: socket => socket.acceptQueueLimit,
  timer: socket => socket.timer?.kind,
  expiresInMs: socket => socket.timer?.expiresInMs,
  retransmits: socket => socket.timer?.retransmits,
  uid: socket => socket.uid,
  user: socket => socket.user,
  inode: socket => socket.inode,
  cookie: socket => socket.cookie,
  ownership: socket => socket.ownership,
  pids: ({ owners }) => owners && [...new Set(owners.map(({ pid }) => pid))].join(' '),
  owners: ({ owners }) => owners && ownersText(owners),
}

/**
 * Writes the list as comma-separated values (RFC 4180), in pieces: the first line names the columns,
 * an unknown value is empty. CSV has no escapes, so control characters in names are written as ours.
 */
export function* csvView(list: SocketList, options: { header: boolean }): Generator<string> {
  if (options.header) yield `${Object.keys(COLUMNS).join(',')}\r\n`
  const cells = Object.values(COLUMNS)
  for (const record of list.records) {
    const socket = socketJson(record, list)
    yield `${cells.map(cell => quoted(cell(socket))).join(',')}\r\n`
  }
}

function addressOf(end: EndJson | undefined): Cell {
  if (end === undefined) return undefined
  if ('path' in end) return end.path
  if ('host' in end) return end.host
  return 'cid' in end ? end.cid : end.protocol
}

function portOf(end: EndJson | undefined): Cell {
  return end !== undefined && 'port' in end ? end.port : undefined
}

function quoted(cell: Cell): string {
  if (cell === undefined) return ''
  const text = typeof cell === 'string' ? terminalText(cell) : String(cell)
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
