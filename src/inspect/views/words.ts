import type { UnixAddress } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { formatDuration } from '../../units.ts'
import { formatEnd } from '../ends.ts'
import type { Ownership } from '../explain/ownership.ts'
import type { Owner, SocketRecord, SocketState, SocketTimer } from '../types.ts'
import type { UserName } from '../users.ts'

/** The states as ss(8) prints them. */
export const STATE_LABELS = {
  established: 'ESTAB',
  'syn-sent': 'SYN-SENT',
  'syn-recv': 'SYN-RECV',
  'fin-wait-1': 'FIN-WAIT-1',
  'fin-wait-2': 'FIN-WAIT-2',
  'time-wait': 'TIME-WAIT',
  unconnected: 'UNCONN',
  'close-wait': 'CLOSE-WAIT',
  'last-ack': 'LAST-ACK',
  listen: 'LISTEN',
  closing: 'CLOSING',
  'bound-inactive': 'BOUND',
} as const satisfies Record<SocketState, string>

const UNIX_LABELS = { stream: 'unix', datagram: 'unix-dgram', seqpacket: 'unix-seq' } as const

/** Names the protocol; of unix sockets also the type, unless it is the usual stream. */
export function protocolText(record: SocketRecord): string {
  return record.protocol === 'unix' ? UNIX_LABELS[record.unix?.type ?? 'stream'] : record.protocol
}

/**
 * Names this end. A unix socket without a name is its inode, `#4711`; of those that carry the path
 * of their listener, it follows the path.
 */
export function localText(record: SocketRecord): string {
  const { local } = record
  if (local.family !== 'unix') return formatEnd(local)
  if (record.state === 'listen' || record.inode === 0) return unixText(local)
  if (local.path === '') return `#${record.inode}`
  return record.remote === undefined && record.unix?.peerInode === undefined
    ? unixText(local)
    : `${unixText(local)}#${record.inode}`
}

/** Names the other end; `*:*` and `*` stand for whoever may come, `?` for one that is not known. */
export function remoteText(record: SocketRecord): string {
  const { remote } = record
  if (record.protocol !== 'unix') return remote === undefined ? '*:*' : formatEnd(remote)
  const peerInode = record.unix?.peerInode
  if (peerInode !== undefined) return `#${peerInode}`
  return record.state === 'established' ? '?' : '*'
}

/** A path is chosen by whoever makes the socket: it may hold anything but a NUL. */
function unixText(end: UnixAddress): string {
  return terminalText(formatEnd(end)).replaceAll(' ', '\\x20')
}

/** Says what the timer will do, when, and how often it went unanswered: `retransmit,220ms,x3`. */
export function timerText({ kind, expiresInMs, retransmits }: SocketTimer): string {
  const when = formatDuration(expiresInMs).replaceAll(' ', '')
  return retransmits === 0 ? `${kind},${when}` : `${kind},${when},x${retransmits}`
}

/** Names every holder: `node pid=4711 fd=21, node pid=4712 fd=21`. */
export function ownersText(owners: readonly Owner[]): string {
  return owners.map(ownerText).join(', ')
}

/** Names who holds a socket, or says in brackets why nobody can be named. Never blank. */
export function ownershipText(
  ownership: Ownership,
  state: SocketState,
  userName: UserName,
): string {
  switch (ownership.kind) {
    case 'held':
      return ownersText(ownership.owners)
    case 'hidden':
      return `(owner hidden${uidText(ownership.uid, userName)}${unitText(ownership.unit)})`
    case 'unseen':
      return '(no process found: the kernel, or another container)'
    case 'kernel':
      return `(kernel: ${state === 'time-wait' ? 'time-wait' : 'handshake'})`
    case 'orphan':
      return '(orphan: process closed it)'
    case 'unaccepted':
      return unacceptedText(ownership.listener, userName)
  }
}

/** Names a user by number and, where it has one, by name: `33 www-data`. */
export function userText(uid: number, userName: UserName): string {
  const name = userName(uid)
  return name === undefined ? `${uid}` : `${uid} ${terminalText(name)}`
}

/** A name of a unit is chosen by whoever writes it. */
function unitText(unit: string | undefined): string {
  return unit === undefined ? '' : `, unit ${terminalText(unit)}`
}

function unacceptedText(listener: Ownership, userName: UserName): string {
  if (listener.kind === 'held') {
    return `(waiting to be accepted by ${ownersText(listener.owners)})`
  }
  const hidden =
    listener.kind === 'hidden' ? `; owner hidden${uidText(listener.uid, userName)}` : ''
  return `(waiting to be accepted${hidden})`
}

function uidText(uid: number | undefined, userName: UserName): string {
  return uid === undefined ? '' : `: uid ${userText(uid, userName)}`
}

function ownerText({ name, pid, fd }: Owner): string {
  const process = `${nameText(name)} pid=${pid}`
  return fd === undefined ? process : `${process} fd=${fd}`
}

/**
 * A process chooses its own name. One that could be taken for something else (`x pid=1`, `(orphan)`)
 * stands in quotes, so that no name can pose as another owner or as a remark of ours.
 */
function nameText(name: string): string {
  if (/^[A-Za-z0-9_][\w.:/@+-]*$/.test(name)) return name
  return `"${terminalText(name.replaceAll(/["\\]/g, '\\$&'))}"`
}
