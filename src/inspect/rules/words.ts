import { formatDuration, formatNumber } from '../../units.ts'
import { formatEnd, isInetEnd, type SocketEnd } from '../ends.ts'
import type { Ownership } from '../explain/ownership.ts'
import { nameText } from '../name-text.ts'
import type { Owner, SocketRecord } from '../types.ts'
import type { Situation } from './types.ts'

/** How the sentences of all rules name things. Safe text is made of them where they are shown. */

/** `1 socket`, `1,204 sockets`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

/** `99 %`; below ten with one digit more, `0.4 %`. */
export function percentText(part: number, whole: number): string {
  const percent = (part / whole) * 100
  return `${percent < 10 ? percent.toFixed(1).replace(/\.0$/, '') : Math.floor(percent)} %`
}

/** Names who holds a socket, as the subject of a sentence: `node (pid 4711)`. */
export function holderText(ownership: Ownership): string {
  switch (ownership.kind) {
    case 'held':
      return processesText(ownership.owners)
    case 'hidden':
      return `a process of ${ownership.uid === undefined ? 'another user' : `uid ${ownership.uid}`} (hidden from you)`
    case 'unaccepted':
      return `the listener of ${holderText(ownership.listener)}`
    case 'kernel':
    case 'orphan':
      return 'the kernel'
    case 'unseen':
      return 'a process that cannot be seen from here'
  }
}

/** `node (pid 4711)`, `nginx (pids 800, 801 and 2 more)`, `node (pid 1) and sleep (pid 2)`. */
export function processesText(owners: readonly Owner[]): string {
  const names = new Map<string, Set<number>>()
  for (const { name, pid } of owners) {
    const pids = names.get(name)
    if (pids === undefined) names.set(name, new Set([pid]))
    else pids.add(pid)
  }
  return [...names]
    .map(([name, pids]) => `${nameText(name)} (${pidsText([...pids])})`)
    .join(' and ')
}

/** The processes that hold a socket, each once. */
export function pidsOf(ownership: Ownership): readonly number[] {
  if (ownership.kind === 'unaccepted') return pidsOf(ownership.listener)
  return ownership.kind === 'held' ? [...new Set(ownership.owners.map(({ pid }) => pid))] : []
}

/** What most of these are, with how many: `10.0.3.7:9200 (1,180), ...`; only what, if all are. */
export function tally(texts: readonly string[], most = 3): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const [only] = sorted
  if (only !== undefined && sorted.length === 1) return only[0]
  const shown = sorted.slice(0, most).map(([text, count]) => `${text} (${formatNumber(count)})`)
  const rest = sorted.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and ${counted(rest, 'other')}` : ''}`
}

export function endText(end: SocketEnd | undefined): string {
  return end === undefined ? '?' : formatEnd(end)
}

/** The host of an end, without its port. */
export function hostText(end: SocketEnd | undefined): string {
  return isInetEnd(end) ? end.host : '?'
}

/** `127.0.0.1:40000 -> 10.0.0.9:5432` */
export function connectionText({ local, remote }: SocketRecord): string {
  return `${endText(local)} -> ${endText(remote)}`
}

/** A few connections by name, and how many more there are, a line each. */
export function connectionLines(
  records: readonly SocketRecord[],
  detail: (record: SocketRecord) => string = () => '',
  most = 3,
): string[] {
  const lines = records.slice(0, most).map(one => `${connectionText(one)}${detail(one)}`)
  const rest = records.length - lines.length
  return rest > 0 ? [...lines, `and ${formatNumber(rest)} more`] : lines
}

/** `in 1.2 s`, or `now` when a timer is due. */
export function inText(ms: number): string {
  return ms < 1 ? 'now' : `in ${formatDuration(ms)}`
}

/** A number a second: `470`, `0.3`. */
export function rateText(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : formatNumber(perSecond)
}

/** Which end of a connection this is, as far as a listener on its port tells. */
export function isAccepted({ sockets }: Situation, { local }: SocketRecord): boolean {
  return sockets.listenerFor(local) !== undefined
}

function pidsText(pids: readonly number[]): string {
  if (pids.length === 1) return `pid ${pids[0]}`
  const shown = pids.slice(0, 4)
  const rest = pids.length - shown.length
  return `pids ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
