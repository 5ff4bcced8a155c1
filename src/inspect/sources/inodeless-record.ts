import type { SocketEnd } from '../ends.ts'
import type { Owner, SocketRecord, UnixDetails } from '../types.ts'
import { hasRemote } from './kernel-numbers.ts'

/** What systems without inodes tell of a socket. */
export interface InodelessSocket extends Pick<SocketRecord, 'protocol' | 'family' | 'state'> {
  readonly local: SocketEnd
  readonly remote?: SocketEnd | undefined
  readonly receiveQueue?: number | undefined
  readonly sendQueue?: number | undefined
  readonly unix?: UnixDetails | undefined
  /** Empty: no process was named. */
  readonly owners: readonly Owner[]
}

/**
 * Makes the record of a socket whose system has no inodes: its holders come with it. Another end is
 * left out in states that have none, where systems write zeros or what was there before.
 */
export function inodelessRecord(socket: InodelessSocket): SocketRecord {
  const { protocol, family, state, local, owners } = socket
  return {
    protocol,
    family,
    state,
    local,
    remote: protocol === 'unix' || hasRemote(state) ? socket.remote : undefined,
    receiveQueue: socket.receiveQueue,
    sendQueue: socket.sendQueue,
    inode: 0,
    uid: undefined,
    timer: undefined,
    cookie: undefined,
    interfaceIndex: undefined,
    unix: socket.unix,
    owners,
  }
}
