import { portOf } from '../ends.ts'
import type { SocketRecord } from '../types.ts'
import type { ListFacts } from '../views/columns/types.ts'
import { localText, netnsText } from '../views/end-words.ts'

/**
 * Whether something can come in by itself: a stream socket that listens, or one for datagrams that is
 * bound to a port or a path and connected to nobody.
 */
export function isListener({ protocol, state, local, remote, unix }: SocketRecord): boolean {
  if (state === 'listen') return true
  if (state !== 'unconnected' || remote !== undefined) return false
  if (protocol === 'unix') return unix?.type === 'datagram' && hasPath(local)
  return (protocol === 'udp' || protocol === 'udplite') && portOf(local) !== 0
}

function hasPath(local: SocketRecord['local']): boolean {
  return local.family === 'unix' && local.path !== ''
}

/** Names where something listens: `tcp 127.0.0.1:8080`, `unix /run/app.sock`. Safe to print. */
export function listenerName(
  record: SocketRecord,
  { interfaceName }: Pick<ListFacts, 'interfaceName'>,
): string {
  const { protocol, netns } = record
  const place = `${protocol} ${localText(record, interfaceName)}`
  return netns === undefined ? place : `${place} in ${netnsText(netns)}`
}
