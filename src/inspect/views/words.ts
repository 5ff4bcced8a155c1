import { terminalText } from '../../terminal-text.ts'
import { formatDuration } from '../../units.ts'
import type { Ownership } from '../explain/ownership.ts'
import { nameText } from '../name-text.ts'
import type { Owner, SocketRecord, SocketState, SocketTimer } from '../types.ts'
import type { UserName } from '../users.ts'
import type { SocketList } from './types.ts'

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

/** Says what the timer will do, when, and how often it went unanswered: `retransmit,220ms,x3`. */
export function timerText({ kind, expiresInMs, retransmits }: SocketTimer): string {
  const when = formatDuration(expiresInMs).replaceAll(' ', '')
  return retransmits === 0 ? `${kind},${when}` : `${kind},${when},x${retransmits}`
}

/** Names every holder: `node pid=4711 fd=21, node pid=4712 fd=21`. */
export function ownersText(owners: readonly Owner[]): string {
  return owners.map(ownerText).join(', ')
}

/** Names a process: `node pid=4711`. */
export function processText({ name, pid }: Omit<Owner, 'fd'>): string {
  return `${nameText(name)} pid=${pid}`
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
      return hiddenText(ownership, userName)
    case 'unseen':
      if (ownership.isPending) return '(not looked for yet)'
      return '(no process found: the kernel, or another container)'
    case 'kernel':
      if (ownership.leftBy !== undefined) return leftText(ownership.leftBy)
      return KERNEL_LABELS[state] ?? '(kernel)'
    case 'orphan':
      if (ownership.leftBy !== undefined) return leftText(ownership.leftBy)
      return '(orphan: process closed it)'
    case 'unaccepted':
      return unacceptedText(ownership.listener, userName)
  }
}

/** Says whose a socket is, where its owner may not be seen: `(owner hidden: uid 33 www-data)`. */
export function hiddenText(
  { uid, unit }: { readonly uid?: number | undefined; readonly unit?: string | undefined },
  userName: UserName,
): string {
  return `(owner hidden${uidText(uid, userName)}${unitText(unit)})`
}

/** Other sockets without a process are the kernel's own. */
const KERNEL_LABELS: Readonly<Partial<Record<SocketState, string>>> = {
  'time-wait': '(kernel: time-wait)',
  'syn-recv': '(kernel: handshake)',
}

/** Names who holds the other end; `-` where that is not on this machine, or there is none. */
export function peerOwnersText(
  record: SocketRecord,
  { peerOf, ownershipOf, userName }: Omit<SocketList, 'records'>,
): string {
  const peer = peerOf?.(record)
  if (peer === undefined || ownershipOf === undefined) return '-'
  return ownershipText(ownershipOf(peer), peer.state, userName)
}

/** Names a user by number and, where it has one, by name: `33 www-data`. */
export function userText(uid: number, userName: UserName): string {
  const name = userName(uid)
  return name === undefined ? `${uid}` : `${uid} ${terminalText(name)}`
}

/** Says who held a socket last: `node pid=4711, left`. */
function leftText(owners: readonly Owner[]): string {
  const processes = new Map(owners.map(owner => [owner.pid, processText(owner)]))
  return `${[...processes.values()].join(', ')}, left`
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

function ownerText(owner: Owner): string {
  const process = processText(owner)
  return owner.fd === undefined ? process : `${process} fd=${owner.fd}`
}
