import { usageError } from '../../../errors.ts'
import { terminalText } from '../../../terminal-text.ts'
import { formatCount } from '../../../units.ts'
import type { CheckResult } from '../types.ts'
import { compareConnections } from './connections.ts'
import { compareListeners, savedListeners } from './listeners.ts'
import type { SavedDocument, SavedSelection } from './types.ts'

/**
 * Compares two moments: a result for each listener that came, went or changed hands, and for each
 * program that has more connections with a peer than before; or one that says that there is none.
 */
export function compareMoments(before: SavedDocument, now: SavedDocument): CheckResult[] {
  const listenersBefore = savedListeners(before.sockets)
  const listenersNow = savedListeners(now.sockets)
  const isSameBoot = before.bootId !== undefined && before.bootId === now.bootId
  const doors = new Set(
    [...listenersBefore.values(), ...listenersNow.values()].flatMap(({ sockets }) =>
      sockets.map(({ protocol, local }) => `${protocol} ${local?.port}`),
    ),
  )
  const results = [
    ...compareListeners(listenersBefore, listenersNow, { isSameBoot }),
    ...compareConnections({ before: before.sockets, now: now.sockets, isSameBoot, doors }),
  ]
  if (results.some(({ ok }) => !ok)) return results
  const listeners = formatCount(listenersNow.size, 'listener')
  const sockets = formatCount(now.sockets.length, 'socket')
  return [
    {
      name: 'diff.nothing-new',
      subject: 'sockets',
      ok: true,
      severity: 'note',
      message: `nothing is new since ${terminalText(before.takenAt)}: ${listeners} among ${sockets}`,
      details: [],
    },
    ...results,
  ]
}

/**
 * Makes sure that two documents are about the same sockets: others would all seem new, or gone.
 *
 * @throws ERR_USAGE, saying what differs
 */
export function ensureSameSelection(
  before: SavedDocument,
  selection: SavedSelection,
  name: string,
): void {
  if (before.selection === undefined) return
  const there = textsOf(before.selection)
  const here = textsOf(selection)
  const key = Object.keys(here).find(one => here[one] !== there[one])
  if (key === undefined) return
  throw usageError(
    `${name} is about other sockets than are asked for now: ${key} ${there[key]} there, ${here[key]} here`,
    'Give --diff the options that --save had.',
  )
}

function textsOf(selection: SavedSelection): Readonly<Record<string, string>> {
  const { protocols, families, states, filter, netns, container } = selection
  const text = (one: string | undefined): string => one ?? 'none'
  return {
    protocols: protocols.join(','),
    families: families.join(','),
    states: states.join(','),
    filter: text(filter),
    netns: text(netns),
    container: text(container),
  }
}
