import { oneWord } from '../../views/end-words.ts'
import type { CheckResult } from '../types.ts'
import { holdersName, placeName } from './names.ts'
import type { SavedSocket } from './types.ts'

/** Everything that listens at one address: several sockets where workers share it. */
export interface SavedListener {
  readonly name: string
  readonly sockets: readonly SavedSocket[]
}

/** Finds what listens in a document, by protocol, address and network namespace. */
export function savedListeners(
  sockets: readonly SavedSocket[],
): ReadonlyMap<string, SavedListener> {
  const listeners = new Map<string, { name: string; sockets: SavedSocket[] }>()
  for (const socket of sockets) {
    if (!isListening(socket)) continue
    const { protocol, type, local, netns } = socket
    const key = JSON.stringify([protocol, type, local, netns])
    const known = listeners.get(key)
    if (known === undefined) listeners.set(key, { name: placeName(socket), sockets: [socket] })
    else known.sockets.push(socket)
  }
  return listeners
}

function isListening({ protocol, state, type, local, remote }: SavedSocket): boolean {
  if (state === 'listen') return true
  if (state !== 'unconnected' || remote !== undefined || local === undefined) return false
  if (protocol === 'unix') return type === 'datagram'
  return (protocol === 'udp' || protocol === 'udplite') && local.port !== 0
}

/** Compares what listens: what came, what went, and what another process or user holds now. */
export function compareListeners(
  before: ReadonlyMap<string, SavedListener>,
  now: ReadonlyMap<string, SavedListener>,
  { isSameBoot }: { readonly isSameBoot: boolean },
): CheckResult[] {
  const results: CheckResult[] = []
  for (const [key, listener] of now) {
    const earlier = before.get(key)
    if (earlier === undefined) results.push(isNew(listener))
    else results.push(...changed(earlier, listener, isSameBoot))
  }
  for (const [key, listener] of before) if (!now.has(key)) results.push(isGone(listener))
  return results
}

function isNew(listener: SavedListener): CheckResult {
  return {
    name: 'diff.new-listener',
    subject: listener.name,
    ok: false,
    severity: 'problem',
    message: `new listener: ${listener.name}, held by ${heldBy(listener)}`,
    details: usersOf(listener),
  }
}

function isGone(listener: SavedListener): CheckResult {
  return {
    name: 'diff.gone-listener',
    subject: listener.name,
    ok: true,
    severity: 'note',
    message: `gone listener: ${listener.name}, was held by ${heldBy(listener)}`,
    details: [],
  }
}

/**
 * What is known of its holders decides: a program or a user that was not there before. That one of
 * several has gone, or has another pid, is no change.
 */
function changed(before: SavedListener, now: SavedListener, isSameBoot: boolean): CheckResult[] {
  const uids = new Set(before.sockets.map(({ uid }) => uid))
  const users = now.sockets.filter(({ uid }) => uid !== undefined && !uids.has(uid))
  const knewUsers = !uids.has(undefined)
  const knowsPrograms = [...before.sockets, ...now.sockets].every(isKnown)
  const programs = new Set(before.sockets.flatMap(programsOf))
  const strangers = now.sockets.flatMap(programsOf).filter(name => !programs.has(name))
  const base = { subject: now.name, name: 'diff.changed-owner', ok: false } as const
  if ((knewUsers && users.length > 0) || (knowsPrograms && strangers.length > 0)) {
    return [
      {
        ...base,
        severity: 'problem',
        message: `${now.name} has changed hands: held by ${heldBy(before)} before, by ${heldBy(now)} now`,
        details: [...usersOf(before).map(one => `before: ${one}`), ...usersOf(now)],
      },
    ]
  }
  if (knowsPrograms || (isSameBoot && isSameSocket(before, now))) return []
  const isHidden = [...before.sockets, ...now.sockets].some(
    ({ ownership }) => ownership === 'hidden',
  )
  return [
    {
      ...base,
      severity: 'problem',
      message: `${now.name} may have changed hands: held by ${heldBy(before)} before, by ${heldBy(now)} now`,
      details: [],
      unseen: isHidden ? 'denied' : 'unsupported',
    },
  ]
}

function isKnown({ ownership }: SavedSocket): boolean {
  return ownership !== undefined && ownership !== 'hidden'
}

function isSameSocket(before: SavedListener, now: SavedListener): boolean {
  const cookies = new Set(before.sockets.map(({ cookie }) => cookie))
  return now.sockets.every(({ cookie }) => cookie !== undefined && cookies.has(cookie))
}

/** What is held by no process (the kernel listens itself) has a name like the others. */
function programsOf({ owners }: SavedSocket): string[] {
  return owners.length === 0 ? [''] : owners.map(({ name }) => name)
}

function heldBy({ sockets }: SavedListener): string {
  return [...new Set(sockets.map(holdersName))].join(', ')
}

function usersOf({ sockets }: SavedListener): string[] {
  const users = sockets.flatMap(({ user, uid }) => user ?? (uid === undefined ? [] : `uid ${uid}`))
  return users.length === 0 ? [] : [`made by user ${[...new Set(users)].map(oneWord).join(', ')}`]
}
