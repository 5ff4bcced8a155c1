import { formatCount, formatDuration, formatNumber } from '../../units.ts'
import type { Pile, PilePeer, Suspect } from '../leaks/types.ts'
import { nameText } from '../name-text.ts'
import type { UserName } from '../users.ts'
import { nextSteps, type Step } from './next-steps.ts'
import type { ViewPaint } from './types.ts'
import { userText } from './words.ts'

/** How a report of leaks is written. */
export interface LeakViewOptions {
  /** Undefined: it was one look, so that nothing is known of before. */
  readonly intervalMs: number | undefined
  /** Such a report comes again and again. */
  readonly isWatch: boolean
  /** What `--max` says. */
  readonly most: number | undefined
  /** Something could not be looked at: what is not seen may be there. */
  readonly isPartial: boolean
  readonly paint: ViewPaint
  readonly userName: UserName
}

/** Writes what leaks, against whom, and what is no leak though it looks like one. */
export function* leaksView(piles: readonly Pile[], options: LeakViewOptions): Generator<string> {
  const leaks = piles.filter(({ isLeak }) => isLeak)
  const stuck = piles.filter(({ kind }) => kind === 'unaccepted')
  const others = piles.filter(one => !one.isLeak && one.kind !== 'unaccepted')
  if (leaks.length === 0) {
    const { isPartial, paint } = options
    const said = isPartial ? paint.warn : paint.good
    yield `${said(`${isPartial ? 'no leak seen, but not everything could be' : 'no leak'}: ${noLeak(others, options)}`)}\n`
  }
  for (const leak of leaks) yield* leakText(leak, options)
  for (const pile of stuck) yield stuckText(pile, options)
  if (leaks.length > 0) yield* meaning(leaks)
  // Who watches sees already whether they grow.
  yield* nextSteps(stepsOf({ leaks, stuck, others: options.isWatch ? [] : others }), options.paint)
}

function stepsOf({
  leaks: [leak],
  stuck: [stuck],
  others: [other],
}: Readonly<Record<'leaks' | 'stuck' | 'others', readonly Pile[]>>): Step[] {
  const wait = stuck && waitingAt(stuck)
  return [
    ...(leak === undefined && other !== undefined
      ? [{ what: 'See whether they grow', command: 'sockctl inspect --leaks --watch 30s' }]
      : []),
    ...(wait === undefined
      ? []
      : [{ what: 'See who does not accept', command: `sockctl inspect ${wait}` }]),
    ...(leak === undefined ? [] : [{ what: 'See what leaks', command: listOf(leak) }]),
  ]
}

function listOf({ kind, suspect: { pid } }: Pile): string {
  const whose = pid === undefined ? '' : ` --pid ${pid}`
  return `sockctl inspect --state ${kind === 'unaccepted' ? 'close-wait' : kind}${whose}`
}

function waitingAt({ suspect, peers }: Pile): string | undefined {
  const port = peers[0]?.localPort
  if (port !== undefined) return `${port}`
  return suspect.pid === undefined ? undefined : `pid:${suspect.pid}`
}

/** Why what there is of half-closed sockets is none. */
function noLeak(others: readonly Pile[], { intervalMs, most, isPartial }: LeakViewOptions): string {
  const count = others.reduce((sum, { now }) => sum + now, 0)
  if (count === 0) {
    return `no process ${isPartial ? 'that can be seen ' : ''}holds a socket whose peer has closed it`
  }
  const stayed = others.reduce((sum, one) => sum + (one.stayed ?? one.now), 0)
  const held = formatCount(count, 'socket')
  if (most !== undefined) return `${held} half closed; no process has more than ${most}`
  const rest =
    intervalMs === undefined
      ? 'one look does not tell whether they grow'
      : `${stayed} stayed ${formatDuration(intervalMs)}, neither many nor more`
  return `${held} half closed; ${rest}`
}

function* leakText(pile: Pile, options: LeakViewOptions): Generator<string> {
  const { kind, suspect, now, before, peers, descriptors } = pile
  const { intervalMs, paint } = options
  const label = LABELS[kind]
  const growth = before === undefined || intervalMs === undefined ? undefined : now - before
  const change =
    growth === undefined
      ? `${formatNumber(now)} ${label}`
      : `${growth < 0 ? '' : '+'}${growth} ${label} in ${formatDuration(intervalMs ?? 0)}`
  const verb = kind === 'fin-wait-2' ? 'keeps half-closed sockets' : 'leaks sockets'
  const who = suspectText(suspect, options)
  yield `${paint.bad(`${who} ${verb}: ${change}${growth === 0 ? `, ${now} in all` : ''}.`)}\n\n`
  const shown = peers.slice(0, MOST_PEERS)
  const ago = intervalMs === undefined ? '' : `${formatDuration(intervalMs)} ago`
  const width = Math.max(4, ...shown.map(({ peer }) => peer.length))
  const head = ['state'.padEnd(10), 'now'.padStart(6), ago.padStart(10), 'peer'.padEnd(width)]
  yield `${paint.strong(`  ${head.join('  ')}  ${'count'.padStart(6)}  direction`)}\n`
  for (const [i, peer] of shown.entries()) {
    const first = [label, formatNumber(now), before === undefined ? '' : formatNumber(before)]
    const [state = '', total = '', earlier = ''] = i === 0 ? first : []
    const cells = [state.padEnd(10), total.padStart(6), earlier.padStart(10)]
    const end = [peer.peer.padEnd(width), formatNumber(peer.count).padStart(6), sideText(peer)]
    yield `  ${[...cells, ...end].join('  ')}\n`
  }
  const more = peers.length - shown.length
  if (more > 0) yield `  ${formatCount(more, 'more peer')}\n`
  yield `  age: unknown before this watch began (the kernel keeps none)\n`
  if (descriptors !== undefined) yield* descriptorText(descriptors)
  yield '\n'
}

function* descriptorText({
  open,
  limit,
  secondsLeft,
}: NonNullable<Pile['descriptors']>): Generator<string> {
  if (open === undefined) return
  const of = limit === undefined ? '' : ` of ${formatNumber(limit)}`
  const end =
    secondsLeft === undefined
      ? ''
      : ` -> "Too many open files" in about ${roughly(secondsLeft)} at this rate`
  yield `  descriptors ${formatNumber(open)}${of}${end}\n`
}

function stuckText({ suspect, now, peers }: Pile, options: LeakViewOptions): string {
  const who = suspectText(suspect, options)
  const port = peers[0]?.localPort
  const where = port === undefined ? '' : ` on port ${port}`
  const were = now === 1 ? 'was' : 'were'
  return [
    options.paint.warn(`${who}: ${formatNumber(now)} CLOSE_WAIT${where} ${were} never accepted.`),
    '  Not a leak: it does not take its connections, and the clients gave up.',
    '',
  ].join('\n')
}

function* meaning(leaks: readonly Pile[]): Generator<string> {
  const closing = leaks.find(({ kind }) => kind === 'close-wait')
  const half = leaks.find(({ kind }) => kind === 'fin-wait-2')
  if (closing !== undefined) {
    yield 'What it means: the peer closed; this program has not called close().\n'
    const [peer] = closing.peers
    const where = peer === undefined ? '' : lookWhere(peer)
    yield `No kernel setting fixes this.\n${where}`
  }
  if (half !== undefined) {
    yield 'FIN_WAIT_2: this program ended its side, and waits for the peer for ever.\n'
    yield 'Let it close the socket after a time; the peer may be the one that leaks.\n'
  }
}

function lookWhere({ direction, peer, localPort }: PilePeer): string {
  return direction === 'outgoing'
    ? `Look for responses not closed, from ${peer}.\n`
    : `Look for where connections to port ${localPort} end, and are not closed.\n`
}

const LABELS = {
  'close-wait': 'CLOSE_WAIT',
  unaccepted: 'CLOSE_WAIT',
  'fin-wait-2': 'FIN_WAIT_2',
} as const satisfies Record<Pile['kind'], string>

const MOST_PEERS = 8

function suspectText({ pid, name, uid }: Suspect, { userName }: LeakViewOptions): string {
  if (pid !== undefined) return `${nameText(name ?? '')} (pid ${pid})`
  return uid === undefined ? 'somebody' : `a hidden process of user ${userText(uid, userName)}`
}

function sideText({ direction, localPort }: PilePeer): string {
  return direction === 'outgoing' ? 'outgoing' : `incoming on :${localPort}`
}

/** A guess has no seconds beside its minutes. */
function roughly(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400)} days`
}
