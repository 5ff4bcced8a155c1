import type { SocketRecord } from '../types.ts'
import type { ListFacts } from '../views/columns/types.ts'
import { localText, remoteText } from '../views/end-words.ts'
import { ownershipText, protocolText, STATE_LABELS } from '../views/words.ts'

/** How many sockets stand by name behind a result, before it only says how many more there are. */
const MOST_NAMED = 5

/** Names a socket in a line: `tcp ESTAB 127.0.0.1:80 > 127.0.0.1:4000, node pid=4711 fd=21`. */
export function socketName(record: SocketRecord, facts: ListFacts): string {
  const { state, remote, unix } = record
  const hasPeer = remote !== undefined || unix?.peerInode !== undefined
  const peer = hasPeer ? ` > ${remoteText(record, facts.interfaceName)}` : ''
  const owner =
    facts.ownershipOf === undefined
      ? ''
      : `, ${ownershipText(facts.ownershipOf(record), state, facts.userName)}`
  const local = localText(record, facts.interfaceName)
  return `${protocolText(record)} ${STATE_LABELS[state]} ${local}${peer}${owner}`
}

/** Names the first few, and says how many more there are. */
export function firstFew<T>(items: readonly T[], nameOf: (item: T) => string): string[] {
  const more = items.length - MOST_NAMED
  const named = items.slice(0, MOST_NAMED).map(nameOf)
  return more > 0 ? [...named, `and ${more} more`] : named
}
