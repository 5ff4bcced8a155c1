import { formatHost } from '../../../address.ts'
import { terminalJson, terminalText } from '../../../terminal-text.ts'
import { isInetEnd } from '../../ends.ts'
import type { SocketRecord } from '../../types.ts'
import type { SocketList } from '../../views/types.ts'
import { ownershipText } from '../../views/words.ts'
import { isListener } from '../listeners.ts'
import { POLICY_PROTOCOLS } from './types.ts'
import { quoted } from './words.ts'

/**
 * Writes a policy that allows what listens now, and nothing else, in pieces. A holder that is hidden
 * is left open, and said in a comment.
 */
export function* writePolicy(list: SocketList): Generator<string> {
  const { takenAt, host } = list.snapshot
  yield `# What listened on ${terminalText(host)} at ${takenAt.toISOString()}\n`
  for (const { code, message } of list.snapshot.warnings) {
    // A hidden owner is said where its socket stands.
    if (code !== 'owners-hidden') yield `# ${terminalText(message)}\n`
  }
  yield 'default deny\n'
  const lines = new Set<string>()
  for (const protocol of POLICY_PROTOCOLS) {
    for (const record of list.records) {
      if (record.protocol === protocol && isListener(record)) lines.add(lineOf(record, list))
    }
  }
  for (const line of lines) yield `${line}\n`
}

function lineOf(record: SocketRecord, { ownershipOf, userName }: SocketList): string {
  const { protocol, local, uid } = record
  const place = isInetEnd(local)
    ? `${formatHost(local.host)}:${local.port}`
    : quoted(local.family === 'unix' ? local.path : '')
  const ownership = ownershipOf?.(record)
  const names = ownership?.kind === 'held' ? ownership.owners.map(({ name }) => name) : []
  const words = [
    protocol,
    place,
    ...(names.length === 0 ? [] : [[...new Set(names)].map(quoted).join(',')]),
    ...(uid === undefined ? [] : [`user=${quoted(userName(uid) ?? String(uid))}`]),
  ]
  const rule = terminalJson(words.join(' '))
  if (ownership === undefined || ownership.kind === 'held') return rule
  return `${rule}  # ${ownershipText(ownership, record.state, userName)}`
}
