import { terminalJson } from '../../terminal-text.ts'
import type { NetlinkEnd, PacketEnd, SocketEnd, VsockEnd } from '../ends.ts'
import type { Ownership } from '../explain/ownership.ts'
import type { Owner, Protocol, Snapshot, SocketRecord, SocketState, SocketTimer } from '../types.ts'
import type { StateCount } from './summary.ts'
import type { SocketList } from './types.ts'

/** Raised when a key is removed or changes its type; new keys leave it as it is. */
const SCHEMA_VERSION = 1

/** One socket as JSON. What is not known is left out. `json-schema.ts` says what each key means. */
export interface SocketJson {
  readonly protocol: Protocol
  readonly family: SocketRecord['family']
  readonly type: 'stream' | 'datagram' | 'seqpacket' | undefined
  readonly state: SocketState
  readonly local: EndJson | undefined
  readonly remote: EndJson | undefined
  readonly peerInode: number | undefined
  readonly receiveQueueBytes: number | undefined
  readonly sendQueueBytes: number | undefined
  readonly acceptQueue: number | undefined
  readonly acceptQueueLimit: number | undefined
  readonly timer: SocketTimer | undefined
  readonly uid: number | undefined
  readonly user: string | undefined
  readonly inode: number | undefined
  readonly cookie: string | undefined
  readonly interfaceIndex: number | undefined
  readonly ownership: Ownership['kind'] | undefined
  readonly owners: readonly Owner[] | undefined
  readonly listenerOwners: readonly Owner[] | undefined
}

/** One end of a socket. `path` begins with `@` in the abstract namespace. */
export type EndJson =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | Omit<PacketEnd, 'family'>
  | Omit<NetlinkEnd, 'family'>
  | Omit<VsockEnd, 'family'>

/** Makes the value that stands for one socket in `--json` and `--ndjson`. */
export function socketJson(record: SocketRecord, list: Omit<SocketList, 'records'>): SocketJson {
  const { state, receiveQueue, sendQueue, uid, unix } = record
  // The same two numbers count different things on a listener.
  const listens = state === 'listen'
  const ownership = list.ownershipOf?.(record)
  return {
    protocol: record.protocol,
    family: record.family,
    type: unix?.type,
    state,
    local: endJson(record.local),
    remote: endJson(record.remote),
    peerInode: unix?.peerInode,
    receiveQueueBytes: listens ? undefined : receiveQueue,
    sendQueueBytes: listens ? undefined : sendQueue,
    acceptQueue: listens ? receiveQueue : undefined,
    acceptQueueLimit: listens ? sendQueue : undefined,
    timer: record.timer,
    uid,
    user: uid === undefined ? undefined : list.userName(uid),
    inode: record.inode || undefined,
    cookie: record.cookie?.toString(16),
    interfaceIndex: record.interfaceIndex || undefined,
    ownership: ownership?.kind,
    owners: ownersIn(ownership),
    listenerOwners: ownership?.kind === 'unaccepted' ? ownersIn(ownership.listener) : undefined,
  }
}

/** Writes the list as one JSON document, a line for each socket, in pieces. */
export function* jsonView(list: SocketList): Generator<string> {
  yield* documentJson(
    list.snapshot,
    'sockets',
    map(list.records, one => socketJson(one, list)),
  )
}

/** Writes the counts as one JSON document: `counts` takes the place of `sockets`. */
export function* summaryJsonView(
  snapshot: Snapshot,
  counts: readonly StateCount[],
): Generator<string> {
  yield* documentJson(snapshot, 'counts', counts)
}

/**
 * Writes the list as JSON lines, in pieces: the snapshot, its sockets, and what could not be seen.
 * Each line has an `event` and a `time`.
 */
export function* ndjsonView(list: SocketList): Generator<string> {
  const { takenAt, host, source, warnings } = list.snapshot
  const time = takenAt.toISOString()
  yield `${line({ event: 'snapshot', time, schema: SCHEMA_VERSION, host, source })}\n`
  for (const record of list.records) {
    yield `${line({ event: 'socket', time, ...socketJson(record, list) })}\n`
  }
  for (const warning of warnings) yield `${line({ event: 'warning', time, ...warning })}\n`
}

function* documentJson(
  { takenAt, host, source, warnings }: Snapshot,
  key: 'sockets' | 'counts',
  values: Iterable<unknown>,
): Generator<string> {
  const head = { schema: SCHEMA_VERSION, takenAt: takenAt.toISOString(), host, source }
  yield `${line(head).slice(0, -1)},"${key}":[`
  let separator = '\n'
  for (const value of values) {
    yield separator + line(value)
    separator = ',\n'
  }
  yield `${separator === '\n' ? '' : '\n'}],"warnings":${line(warnings)}}\n`
}

function* map<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U> {
  for (const value of values) yield change(value)
}

function line(value: unknown): string {
  return terminalJson(JSON.stringify(value))
}

function endJson(end: SocketEnd | undefined): EndJson | undefined {
  if (end === undefined || (end.family === 'unix' && end.path === '')) return undefined
  const { family: _, ...parts } = end
  return parts
}

function ownersIn(ownership: Ownership | undefined): readonly Owner[] | undefined {
  return ownership?.kind === 'held' ? ownership.owners : undefined
}
