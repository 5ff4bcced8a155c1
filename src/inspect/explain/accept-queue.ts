import { inetAddress, isWildcard } from '../../address.ts'
import { isInetEnd, portOf, type SocketEnd } from '../ends.ts'
import type { SocketRecord } from '../types.ts'

/**
 * Whether a connection is made and no process has it: it waits for its listener to accept it, or it
 * is an orphan where there is none. Sources that name the holders themselves know no inodes.
 */
export function isUnaccepted({ inode, state, owners }: SocketRecord): boolean {
  return inode === 0 && owners === undefined && (state === 'established' || state === 'close-wait')
}

/**
 * Makes the function that finds the listener in whose queue a connection waits. The listener of its
 * own address is preferred to the one of every address, as in the kernel.
 */
export function listenersIn(
  records: readonly SocketRecord[],
): (record: SocketRecord) => SocketRecord | undefined {
  const listeners = listenersByDoor(records)
  return record => {
    const sameDoor = (listeners.get(doorOf(record)) ?? []).filter(
      one => one.protocol === record.protocol,
    )
    return (
      sameDoor.find(one => plainHost(one.local) === plainHost(record.local)) ??
      sameDoor.find(one => isEveryHost(one.local))
    )
  }
}

/** Where clients knock: the port of a listener, or its path; each network has its own. */
function doorOf({ local, netns }: SocketRecord): string {
  const door = local.family === 'unix' ? local.path : String(portOf(local))
  return netns === undefined ? door : `${netns.inode} ${door}`
}

function listenersByDoor(
  records: readonly SocketRecord[],
): ReadonlyMap<string, readonly SocketRecord[]> {
  const listeners = new Map<string, SocketRecord[]>()
  for (const record of records) {
    if (record.state !== 'listen') continue
    const door = doorOf(record)
    const known = listeners.get(door)
    if (known === undefined) listeners.set(door, [record])
    else known.push(record)
  }
  return listeners
}

/** An IPv4 peer of a dual-stack listener counts as what it is. */
function plainHost(end: SocketEnd): string {
  return isInetEnd(end) ? inetAddress(end.host, 0).host : ''
}

function isEveryHost(end: SocketEnd): boolean {
  return isInetEnd(end) && isWildcard(end.host)
}
