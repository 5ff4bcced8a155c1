import { isInetEnd, portOf } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import { isUnaccepted, listenersIn } from './accept-queue.ts'
import { standsInTheWay } from './in-the-way.ts'
import type { Ownership, OwnershipOf } from './ownership.ts'
import type { Cause } from './report-types.ts'

/** Sockets that hold a port for one reason and by one set of owners. */
export interface HoldingGroup {
  readonly cause: Cause
  readonly records: readonly SocketRecord[]
  readonly ownership: Ownership
}

/** A port, and what there is to know to tell why it is taken. */
export interface PortQuestion {
  readonly port: number
  /** Literal addresses; empty: every one. */
  readonly hosts: readonly string[]
  readonly ephemeral: { readonly first: number; readonly last: number }
}

/** What was found on a port. */
export interface PortFindings {
  /** The most telling first. */
  readonly groups: readonly HoldingGroup[]
  /** Connections to its listeners that a process has accepted, or that wait to be. */
  readonly served: readonly SocketRecord[]
  /** Connections of this machine to that port elsewhere. */
  readonly outward: readonly SocketRecord[]
}

/**
 * Sorts the sockets that have to do with a port by what they have to do with it.
 *
 * Source: the order in which inet_csk_bind_conflict() finds reasons to refuse, and what can be told
 * apart of it from outside.
 */
export function findHolders(
  records: readonly SocketRecord[],
  question: PortQuestion,
  ownershipOf: OwnershipOf,
): PortFindings {
  const listenerFor = listenersIn(records)
  const groups = new Map<string, { cause: Cause; records: SocketRecord[]; ownership: Ownership }>()
  const served: SocketRecord[] = []
  const outward: SocketRecord[] = []
  const isListenedOn = listeningPorts(records)
  for (const record of records) {
    if (portOf(record.local) !== question.port) {
      if (portOf(record.remote) === question.port) outward.push(record)
      continue
    }
    if (!standsThere(record, question.hosts)) continue
    const cause = causeOf(record, { question, listenerFor, isListenedOn })
    if (cause === 'served') {
      served.push(record)
      continue
    }
    const ownership = ownershipOf(record)
    const key = `${cause} ${ownersKey(ownership)}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { cause, records: [record], ownership })
    else known.records.push(record)
  }
  const inOrder = [...groups.values()].sort((a, b) => RANK[a.cause] - RANK[b.cause])
  return { groups: inOrder, served, outward }
}

/** The first explains the most. */
export const RANK: Readonly<Record<Cause, number>> = {
  container: 0,
  inherited: 1,
  listener: 2,
  bound: 3,
  accepted: 4,
  outgoing: 5,
  connected: 6,
  closing: 7,
  'time-wait': 8,
  udp: 9,
}

/** Whether a socket has the port at one of the addresses that were asked about. */
function standsThere(record: SocketRecord, hosts: readonly string[]): boolean {
  return hosts.length === 0
    ? isInetEnd(record.local)
    : hosts.some(host => standsInTheWay(record, host))
}

interface Surroundings {
  readonly question: PortQuestion
  readonly listenerFor: ReturnType<typeof listenersIn>
  readonly isListenedOn: (port: number) => boolean
}

function causeOf(
  record: SocketRecord,
  { question: { ephemeral }, listenerFor, isListenedOn }: Surroundings,
): Cause | 'served' {
  const { protocol, state, inode, remote, owners } = record
  if (protocol === 'udp') return 'udp'
  if (state === 'listen') return 'listener'
  if (state === 'bound-inactive') return 'bound'
  if (state === 'time-wait') return 'time-wait'
  const isListened = listenerFor(record) !== undefined
  if (state === 'syn-recv') return 'served'
  if (inode === 0 && owners === undefined) {
    return isUnaccepted(record) && isListened ? 'served' : 'closing'
  }
  if (isListened) return 'served'
  const isLent = isWithin(portOf(record.local), ephemeral)
  const remotePort = portOf(remote)
  if (state === 'syn-sent') return 'outgoing'
  if (isLent && remotePort !== undefined) {
    if (!isWithin(remotePort, ephemeral) || isListenedOn(remotePort)) return 'outgoing'
  }
  if (!isLent && isWithin(remotePort, ephemeral)) return 'accepted'
  return 'connected'
}

function isWithin(port: number | undefined, range: PortQuestion['ephemeral']): boolean {
  return port !== undefined && port >= range.first && port <= range.last
}

function listeningPorts(records: readonly SocketRecord[]): (port: number) => boolean {
  const ports = new Set<number | undefined>()
  for (const record of records) if (record.state === 'listen') ports.add(portOf(record.local))
  return port => ports.has(port)
}

function ownersKey(ownership: Ownership): string {
  switch (ownership.kind) {
    case 'held':
      return [...new Set(ownership.owners.map(({ pid }) => pid))].join(',')
    case 'hidden':
      return `hidden ${ownership.uid}`
    default:
      return ownership.kind
  }
}
