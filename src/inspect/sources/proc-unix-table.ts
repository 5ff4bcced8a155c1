import { type UnixTableEntry, unixTableEntries } from '../../native/unix-table.ts'
import type { SocketRecord, SocketState } from '../types.ts'
import { unixTypeOf } from './kernel-numbers.ts'

/** Reads the text of /proc/net/unix as `unixTableEntries` does, and makes the sockets of it. */
export function parseUnixTable(text: string, states: ReadonlySet<SocketState>): SocketRecord[] {
  const records: SocketRecord[] = []
  for (const entry of unixTableEntries(text)) {
    const { inode, path } = entry
    const unixType = unixTypeOf(entry.type)
    const state = stateOf(entry)
    if (unixType === undefined || !states.has(state)) continue
    records.push({
      protocol: 'unix',
      family: 'unix',
      state,
      local: { family: 'unix', path },
      remote: undefined,
      receiveQueue: undefined,
      sendQueue: undefined,
      inode,
      uid: undefined,
      timer: undefined,
      cookie: undefined,
      interfaceIndex: undefined,
      unix: { type: unixType, peerInode: undefined },
    })
  }
  return records
}

/** __SO_ACCEPTCON in linux/net.h. */
const ACCEPTS_CONNECTIONS = 0x10000

function stateOf({ flags, state }: UnixTableEntry): SocketState {
  if ((flags & ACCEPTS_CONNECTIONS) !== 0) return 'listen'
  return state === 3 || state === 2 ? 'established' : 'unconnected'
}
