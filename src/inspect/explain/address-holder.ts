import { resolve } from 'node:path'
import { type Address, inetAddress } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { formatDuration } from '../../units.ts'
import { formatEnd, isInetEnd, portOf } from '../ends.ts'
import type { Owner, Snapshot, SocketRecord } from '../types.ts'
import type { UserName } from '../users.ts'
import { standsInTheWay } from './in-the-way.ts'
import { type Ownership, ownershipIn } from './ownership.ts'

/** Who asks, and how to name users. */
export interface Viewer {
  readonly uid: number | undefined
  readonly userName: UserName
}

/**
 * Says in one line who holds an address so that it cannot be bound, or undefined when no socket of
 * the snapshot stands there. A listener explains more than a connection that uses the port, and one
 * of the same family more than one of the other, which need not have both.
 */
export function addressHolder(
  snapshot: Snapshot,
  address: Address,
  viewer: Viewer,
): string | undefined {
  const [holder] = snapshot.records
    .filter(record => standsOn(record, address))
    .sort(
      (a, b) =>
        Number(isOtherFamily(a, address)) - Number(isOtherFamily(b, address)) || rank(a) - rank(b),
    )
  if (holder === undefined) return undefined
  const ownership = ownershipIn(snapshot, viewer.uid)(holder)
  // Whoever wants `::` wants IPv4 too; one that has `::` is not always known to.
  const isDoubtful = address.family === 'ipv4' && isOtherFamily(holder, address)
  const perhaps = isDoubtful ? 'perhaps ' : ''
  return `${perhaps}${ownerPhrase(ownership, viewer)}${statePhrase(holder)}`
}

/** Whether a socket has only addresses of the other family, as far as is known. */
function isOtherFamily({ local, ip }: SocketRecord, address: Address): boolean {
  if (!isInetEnd(local) || ip?.isV6only === false) return false
  return inetAddress(local.host, 0).family !== address.family
}

/** Whether a socket keeps others from binding an address. */
export function standsOn(record: SocketRecord, address: Address): boolean {
  const { local } = record
  if (address.family === 'unix') {
    return local.family === 'unix' && [address.path, resolve(address.path)].includes(local.path)
  }
  return portOf(local) === address.port && standsInTheWay(record, address.host)
}

function rank({ state }: SocketRecord): number {
  return state === 'listen' ? 0 : state === 'bound-inactive' || state === 'unconnected' ? 1 : 2
}

function ownerPhrase(ownership: Ownership, { userName }: Viewer): string {
  switch (ownership.kind) {
    case 'held':
      return `held by ${processes(ownership.owners)}`
    case 'hidden': {
      const { uid } = ownership
      const name = uid === undefined ? undefined : userName(uid)
      const user = name === undefined ? `uid ${uid ?? '?'}` : `user ${terminalText(name)}`
      return `held by a process of ${user}, hidden from you`
    }
    case 'unaccepted':
      return 'held by a connection that waits to be accepted'
    case 'kernel':
    case 'orphan':
      return 'held by a connection that its process has closed'
    case 'unseen':
      return 'held by a socket whose process is not visible here'
  }
}

/** Each process once, however many descriptors it holds. */
function processes(owners: readonly Owner[]): string {
  const names = new Map(owners.map(one => [one.pid, one.name]))
  return [...names].map(([pid, name]) => `${terminalText(name)} (pid ${pid})`).join(', ')
}

function statePhrase({ state, local, remote, timer, unix }: SocketRecord): string {
  switch (state) {
    case 'listen':
      return `, listening on ${terminalText(formatEnd(local))}`
    case 'bound-inactive':
      return ', bound without listening'
    case 'unconnected':
      return unix?.type === 'stream' ? ', bound without listening' : ''
    case 'time-wait':
      return timer === undefined
        ? ' (TIME-WAIT)'
        : ` (TIME-WAIT, over in ${formatDuration(timer.expiresInMs)})`
    default:
      return remote === undefined ? '' : `: its connection to ${formatEnd(remote)} uses this port`
  }
}
