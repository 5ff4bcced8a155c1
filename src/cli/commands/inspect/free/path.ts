import { type PathVerdict, probePath, removeStalePath } from '../../../../inspect/act/stale-path.ts'
import { shellWord } from '../../../../inspect/views/shell-word.ts'
import { formatDuration } from '../../../../units.ts'
import type { FreeOutcome, FreeResult } from './results.ts'
import { consentTo, type FreeSession } from './session.ts'

/** Removes the file of a unix socket on which nobody listens any more; nothing else. */
export async function freePath(path: string, session: FreeSession): Promise<FreeResult> {
  const { flags, say, asker, teller } = session
  const resultOf = (outcome: FreeOutcome, reason?: string): FreeResult => ({
    action: 'free',
    path,
    outcome,
    ...(reason !== undefined && { reason }),
  })
  const leave = (verdict: PathVerdict): FreeResult => {
    const { outcome, text } = leftAlone(verdict, path)
    say(`${path}: ${text}`)
    return resultOf(outcome, text)
  }

  const verdict = await probePath(path, asker.uid)
  if (verdict.kind !== 'stale') return leave(verdict)
  const { uid, mtimeMs } = verdict.file
  const age = formatDuration(Math.max(0, teller.now.getTime() - mtimeMs))
  say(`${path} is stale: nobody listens on it; user ${teller.userName(uid) ?? uid}, ${age} old`)
  if (flags.dryRun) {
    say('It would be removed.')
    return resultOf('would-remove')
  }
  const consent = await consentTo(`Remove ${path}?`, session)
  if (consent !== 'yes') {
    say(
      consent === 'declined'
        ? 'It was not removed.'
        : 'It was not removed: there is no terminal to ask on, and --yes was not given',
    )
    return resultOf(consent)
  }
  const after = await removeStalePath(path, { found: verdict.file, uid: asker.uid })
  if (after !== 'removed') return leave(after)
  say(`${path} is removed`)
  return resultOf('removed')
}

function leftAlone(verdict: PathVerdict, path: string): { outcome: FreeOutcome; text: string } {
  const see = `See: sockctl inspect ${shellWord(`unix:${path}`)}`
  switch (verdict.kind) {
    case 'missing':
      return { outcome: 'nothing', text: 'there is no such file: nothing holds the path' }
    case 'other file':
      return { outcome: 'refused', text: 'it is no socket: left alone' }
    case 'bound':
      return {
        outcome: 'alive',
        text: `nobody listens on it, but a process has it bound: left alone. ${see}`,
      }
    case 'connected':
      return {
        outcome: 'alive',
        text: `nobody listens on it, but it is the name of one end of a connection: left alone. ${see}`,
      }
    case 'other user':
      return { outcome: 'denied', text: `it is stale, but of uid ${verdict.uid}: left alone` }
    case 'unclear':
      return {
        outcome: verdict.errno === 'EACCES' ? 'denied' : 'refused',
        text: `whether somebody listens cannot be told (${verdict.errno}): left alone`,
      }
    default:
      return {
        outcome: 'alive',
        text: `somebody answers on it: left alone. ${see}`,
      }
  }
}
