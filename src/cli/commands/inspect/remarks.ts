import { portOf } from '../../../inspect/ends.ts'
import { hiddenReason } from '../../../inspect/owners/hidden-owners.ts'
import { formatExpression } from '../../../inspect/select/format-expression.ts'
import { besideStates } from '../../../inspect/select/narrow.ts'
import { formatPorts } from '../../../inspect/select/ports.ts'
import { namedProcesses, type Selection } from '../../../inspect/select/selection.ts'
import { ALL_STATES } from '../../../inspect/select/states.ts'
import type { SocketRecord } from '../../../inspect/types.ts'
import type { UserName } from '../../../inspect/users.ts'
import { isOpenToNetwork } from '../../../inspect/views/columns/ends.ts'
import { shellWord } from '../../../inspect/views/shell-word.ts'
import type { SocketList } from '../../../inspect/views/types.ts'
import { userText } from '../../../inspect/views/words.ts'
import { closestWord } from '../../../terminal-text.ts'
import type { Context } from '../../context.ts'
import type { Question } from './question.ts'

/** What is said to people beside the table, on stderr. */

/**
 * The answer in a sentence, for the first line: `7 listeners: 5 TCP, 2 UDP; 3 open to the network`.
 * Undefined for lists, where the rows are the answer.
 */
export function headline(
  { selection, isOverview }: Question,
  { records }: SocketList,
): string | undefined {
  if (isOverview) {
    if (records.length === 0) return 'nothing listens on this machine'
    const open = records.filter(isOpenToNetwork).length
    const protocols = [...selection.protocols].map(protocol => {
      const count = records.filter(record => record.protocol === protocol).length
      return `${count} ${protocol.toUpperCase()}`
    })
    const total = counted(records.length, 'listener')
    return `${total}: ${protocols.join(', ')}; ${open} open to the network`
  }
  if (selection.ports.length === 0) return undefined
  const listeners = records.filter(isWaiting).length
  const others = records.length - listeners
  const parts = [
    ...(listeners > 0 ? [counted(listeners, 'listener')] : []),
    ...(others > 0 ? [counted(others, 'connection')] : []),
  ]
  return `port ${formatPorts(selection.ports)}: ${parts.join(', ')}`
}

/**
 * What stands below the table: how much it was, whose owners could not be seen, what else could not,
 * and the next command to type. Without a terminal only what could not be seen.
 */
export function footer(
  question: Question,
  list: SocketList,
  {
    candidates,
    seeThem,
    isTTY,
  }: {
    readonly candidates: readonly SocketRecord[]
    readonly seeThem: string
    readonly isTTY: boolean
  },
): string[] {
  const { records, snapshot } = list
  const { hidden, others, steps } = unseenRemarks(list, candidates, seeThem)
  const parts = [
    ...(isTTY ? [`${counted(records.length, 'socket')} (${snapshot.source})`] : []),
    ...hidden,
  ]
  return [
    ...(parts.length > 0 ? [parts.join('; ')] : []),
    ...others,
    ...(steps.length > 0 ? steps : nextStep(question, list, isTTY)),
  ]
}

/**
 * What could not be seen of these sockets: their owners, then all else, each said once, and last how to
 * see them.
 */
export function unseenRemarks(
  list: SocketList,
  records: readonly SocketRecord[],
  seeThem: string,
): Readonly<Record<'hidden' | 'others' | 'steps', readonly string[]>> {
  const { snapshot } = list
  const { count, users } = hiddenOwners(list, records)
  const reason = count > 0 ? hiddenReason(snapshot) : undefined
  const why = reason === undefined ? '' : `: ${reason}`
  return {
    hidden: count > 0 ? [`${counted(count, 'owner')} hidden (${users})${why}`] : [],
    others: snapshot.warnings
      .filter(({ code, message }) => code !== 'owners-hidden' && message !== reason)
      .map(({ message }) => message),
    steps: count > 0 && !isRoot() ? [seeThem] : [],
  }
}

/** After the overview: how to go on. */
function nextStep({ isOverview }: Question, { records }: SocketList, isTTY: boolean): string[] {
  const port = portOf(records[0]?.local)
  if (!isTTY || !isOverview || port === undefined) return []
  return [`Who uses one of them: sockctl inspect ${port}`]
}

/** The sentence that says that nothing was found, and what was looked for. */
export function nothingFound(selection: Selection): string {
  const { protocols, ports, pids, processes, states, filter } = selection
  const { kind, parts } = selectionWords(selection)
  const isAnyState = states.size === ALL_STATES.length
  const hasFilter = filter !== undefined
  if (isAnyState && kind === 'socket' && ports.length === 0 && !hasFilter) {
    if (processes.length === 0) return `process ${pids.join(' or ')} holds no socket`
    if (pids.length === 0) return `no process named ${processes.join(' or ')} holds a socket`
  }
  if (isAnyState && protocols.size === 2 && pids.length + processes.length === 0 && !hasFilter) {
    return `nothing uses port ${formatPorts(ports)}`
  }
  return `there is no ${[kind, ...parts].join(' ')}`
}

/** What a selection is, in words: a noun in the singular, and what stands behind it. */
export function selectionWords(selection: Selection): {
  readonly kind: string
  readonly parts: readonly string[]
} {
  const { protocols, ports, pids, processes, states } = selection
  const others = besideStates(selection.filter)
  const among = [...protocols].map(one => (one === 'unix' ? one : one.toUpperCase()))
  const isUsual = (['tcp', 'udp', 'unix'] as const).every(one => protocols.has(one))
  const kind = isUsual ? 'socket' : `${among.join(' or ')} socket`
  const isAnyState = states.size === ALL_STATES.length
  const parts = [
    ...(isAnyState ? [] : [`in state ${[...states].join(' or ')}`]),
    ...(ports.length > 0 ? [`on port ${formatPorts(ports)}`] : []),
    ...(pids.length > 0 ? [`of process ${pids.join(' or ')}`] : []),
    ...(processes.length > 0 ? [`of a process named ${processes.join(' or ')}`] : []),
    ...(others === undefined ? [] : [`that matches ${formatExpression(others)}`]),
  ]
  return { kind, parts }
}

/** A name that was perhaps meant, among those of the processes that hold sockets. */
export function nearestName(selection: Selection, { snapshot }: SocketList): string | undefined {
  const [typed] = namedProcesses(selection)
  if (typed === undefined) return undefined
  const names = new Set([...(snapshot.owners?.values() ?? [])].flat().map(({ name }) => name))
  return names.has(typed) ? undefined : closestWord(typed, [...names])
}

/** How many of these sockets belong to whom, where their owners are hidden: `root 2, postgres 1`. */
export function hiddenOwners(
  { ownershipOf, userName }: SocketList,
  records: readonly SocketRecord[],
): { count: number; users: string } {
  const counts = new Map<number | undefined, number>()
  for (const record of ownershipOf === undefined ? [] : records) {
    const ownership = ownershipOf?.(record)
    if (ownership?.kind !== 'hidden') continue
    counts.set(ownership.uid, (counts.get(ownership.uid) ?? 0) + 1)
  }
  const users = [...counts].sort(([, a], [, b]) => b - a)
  return {
    count: users.reduce((sum, [, count]) => sum + count, 0),
    users: users.map(([uid, count]) => `${nameOf(uid, userName)} ${count}`).join(', '),
  }
}

/** Says how to see what is hidden: the same command with all rights. */
export function asRoot(
  typed: readonly string[],
  context: Pick<Context, 'env' | 'platform'>,
): string {
  const where = context.platform === 'win32' ? ', in a terminal that runs as administrator' : ''
  return `See them${where}: ${rootCommand(typed, context)}`
}

/** The same command with all rights, where neither sockctl nor node need be on root's PATH. */
export function rootCommand(
  typed: readonly string[],
  { env, platform }: Pick<Context, 'env' | 'platform'>,
): string {
  const name = env.npm_lifecycle_event === 'npx' ? 'npx sockctl' : 'sockctl'
  const isWindows = platform === 'win32'
  const words = [name, 'inspect', ...typed.map(isWindows ? windowsWord : shellWord)].join(' ')
  return isWindows ? words : `sudo env "PATH=$PATH" ${words}`
}

/** Whom no advice to become root helps. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function isWaiting({ state }: SocketRecord): boolean {
  return state === 'listen' || state === 'unconnected' || state === 'bound-inactive'
}

function nameOf(uid: number | undefined, userName: UserName): string {
  if (uid === undefined) return 'unknown'
  return userName(uid) === undefined ? `uid ${uid}` : userText(uid, userName).replace(/^\d+ /, '')
}

/** Quotes a word for cmd.exe and PowerShell, when it needs that. */
function windowsWord(word: string): string {
  return /^[\w@+=:,./\\-]+$/.test(word) ? word : `"${word.replaceAll(`"`, `\\"`)}"`
}
