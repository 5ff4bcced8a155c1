import { isInetEnd } from '../../../../inspect/ends.ts'
import type { Owner, SocketRecord } from '../../../../inspect/types.ts'
import { ownerWords } from '../../../../inspect/views/report-words.ts'
import type { SocketList } from '../../../../inspect/views/types.ts'
import { STATE_LABELS } from '../../../../inspect/views/words.ts'
import { formatCount } from '../../../../units.ts'

/** What became of a connection that was selected. */
export type CloseOutcome =
  | 'closed'
  | 'vanished' // it was gone before
  | 'failed'
  | 'would-close'
  | 'denied' // it would be, if this user were allowed to
  | 'declined'
  | 'unconfirmed'
  | 'left-alone'

/** How many connections of whom there are in each state: `12 CLOSE-WAIT of node (pid 2113)`. */
export function howManyOfWhom(records: readonly SocketRecord[], list: SocketList): string[] {
  const counts = new Map<string, number>()
  for (const record of records) {
    const what = `${STATE_LABELS[record.state]} of ${whose(record, list)}`
    counts.set(what, (counts.get(what) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([what, count]) => `${count} ${what}`)
}

/**
 * Says of whom descriptors stay open: a process that has not noticed that its peer had closed does
 * not notice this either.
 */
export function keptDescriptors(
  records: readonly SocketRecord[],
  outcomes: ReadonlyMap<SocketRecord, CloseOutcome>,
  list: SocketList,
): string[] {
  const counts = new Map<string, number>()
  for (const record of records) {
    if (record.state !== 'close-wait' || outcomes.get(record) !== 'closed') continue
    const [owner] = ownersOf(record, list)
    if (owner === undefined) continue
    const who = ownerWords(owner)
    counts.set(who, (counts.get(who) ?? 0) + 1)
  }
  return [...counts].map(
    ([who, count]) =>
      `${who} keeps ${formatCount(count, 'descriptor')} open: only the program itself can close ${count === 1 ? 'it' : 'them'}, or its restart`,
  )
}

/** One connection and what became of it, as a value of the JSON. */
export function closeResult(
  record: SocketRecord,
  outcome: CloseOutcome,
  list: SocketList,
): Readonly<Record<string, unknown>> {
  const { protocol, state, local, remote } = record
  const pids = [...new Set(ownersOf(record, list).map(({ pid }) => pid))]
  return {
    action: 'close',
    outcome,
    protocol,
    state,
    ...(isInetEnd(local) && { local: { host: local.host, port: local.port } }),
    ...(isInetEnd(remote) && { remote: { host: remote.host, port: remote.port } }),
    ...(pids.length > 0 && { pids }),
  }
}

function whose(record: SocketRecord, list: SocketList): string {
  const [owner] = ownersOf(record, list)
  if (owner !== undefined) return ownerWords(owner)
  const kind = list.ownershipOf?.(record).kind
  if (kind === 'hidden')
    return `user ${record.uid === undefined ? '?' : (list.userName(record.uid) ?? record.uid)}`
  return kind === 'unaccepted' ? 'nobody yet (not accepted)' : 'no process (the kernel)'
}

function ownersOf(record: SocketRecord, { ownershipOf }: SocketList): readonly Owner[] {
  const ownership = ownershipOf?.(record)
  return ownership?.kind === 'held' ? ownership.owners : []
}
