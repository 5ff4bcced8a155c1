import { formatHost } from '../../../address.ts'
import { oneWord } from '../../views/end-words.ts'
import { processText } from '../../views/words.ts'
import type { SavedEnd, SavedSocket } from './types.ts'

/** What was read from a file was written by others: all of this is safe to print. */

/** Names an end: `127.0.0.1:80`, `/run/app.sock`. */
export function endName(end: SavedEnd | undefined): string {
  if (end === undefined) return '*'
  const { host, port } = end
  return oneWord(port === undefined ? host : `${formatHost(host)}:${port}`)
}

/** Names where something listens: `tcp 127.0.0.1:80`, and in which namespace. */
export function placeName({ protocol, local, netns }: SavedSocket): string {
  const place = `${oneWord(protocol)} ${endName(local)}`
  return netns === undefined ? place : `${place} in ${oneWord(netns)}`
}

/** Names the processes that hold a socket, or says that they cannot be seen. */
export function holdersName({ owners, ownership, uid, user }: SavedSocket): string {
  if (owners.length > 0) return [...new Set(owners.map(processText))].join(', ')
  const whose = user ?? (uid === undefined ? undefined : `uid ${uid}`)
  if (ownership === 'hidden') return `somebody hidden${whose ? ` (user ${oneWord(whose)})` : ''}`
  return `no process that was seen`
}

/** Names a connection: `127.0.0.1:4000 > 10.0.0.1:80`. */
export function connectionName({ local, remote }: SavedSocket): string {
  return `${endName(local)} > ${endName(remote)}`
}
