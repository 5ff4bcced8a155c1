import { formatHost } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { formatNumber } from '../../units.ts'
import type { Destination, PortRange } from '../ephemeral/types.ts'
import type { UserName } from '../users.ts'
import { nextSteps } from './next-steps.ts'
import { shellWord } from './shell-word.ts'
import type { ViewPaint } from './types.ts'
import { hiddenText } from './words.ts'

/** From here on it is time to do something. */
const MUCH_PERCENT = 70

/** From here on there is next to nothing left. */
const NEARLY_ALL_PERCENT = 95

const MOST_ROWS = 15

/** Writes how much of the ports for outgoing connections is used, and what helps. */
export function* ephemeralView(
  destinations: readonly Destination[],
  range: PortRange,
  { paint, userName }: { readonly paint: ViewPaint; readonly userName: UserName },
): Generator<string> {
  const worst = worstOf(destinations)
  yield `${headline(worst, range, paint)}\n`
  if (worst === undefined) {
    yield* nextSteps([{ what: 'Watch', command: 'sockctl inspect --ephemeral --watch 5s' }], paint)
    return
  }
  yield '\n'
  yield* rows(destinations.slice(0, MOST_ROWS), paint, userName)
  const more = destinations.length - MOST_ROWS
  if (more > 0) yield `  and ${formatNumber(more)} more\n`
  yield `  ${rangeText(range)}\n`
  yield `  -> at most ${formatNumber(ceiling(range))} new connections/s to one target${reuseText(worst, range)}\n`
  if (worst.percent >= MUCH_PERCENT || isTooFast(worst)) yield* advice()
  const command = `sockctl inspect state all dst ${shellWord(targetText(worst))}`
  yield* nextSteps([{ what: 'See them', command }], paint)
}

/** The fullest, unless that has enough and another fills too fast. */
function worstOf(destinations: readonly Destination[]): Destination | undefined {
  const [fullest] = destinations
  if (fullest === undefined || fullest.percent >= MUCH_PERCENT) return fullest
  return destinations.find(isTooFast) ?? fullest
}

function headline(fullest: Destination | undefined, range: PortRange, paint: ViewPaint): string {
  if (fullest === undefined) return paint.good('no port is taken by an outgoing connection')
  const { used, reusable, percent } = fullest
  const taken = formatNumber(used - reusable)
  const where = `client ports towards ${targetText(fullest)}`
  const numbers = `${taken} of ${formatNumber(range.usable)} used (${percentText(percent)})`
  if (percent >= 100) return paint.bad(`Out of ${where}: ${numbers}.`)
  if (percent >= NEARLY_ALL_PERCENT) return paint.bad(`Nearly out of ${where}: ${numbers}.`)
  if (percent >= MUCH_PERCENT) return paint.warn(`Running out of ${where}: ${numbers}.`)
  if (isTooFast(fullest)) {
    const rate = `${formatNumber(Math.round(fullest.perSecond ?? 0))} new/s`
    const most = `of at most ${formatNumber(fullest.ceilingPerSecond)}`
    return paint.warn(`Will run out of ${where}: ${rate} ${most}; ${numbers}.`)
  }
  return paint.good(`Enough client ports: most towards ${targetText(fullest)}, ${numbers}.`)
}

/** More come in a second than go, however few there are yet. */
function isTooFast({ perSecond, ceilingPerSecond }: Destination): boolean {
  return (perSecond ?? 0) > ceilingPerSecond
}

function* rows(
  destinations: readonly Destination[],
  paint: ViewPaint,
  userName: UserName,
): Generator<string> {
  const targets = destinations.map(targetText)
  const width = Math.max(6, ...targets.map(text => text.length))
  const head = ['TIME_WAIT', ' ESTAB', '  new/s', ' used', 'made by']
  yield `${paint.strong(`  ${'to'.padEnd(width)}  ${head.join('  ')}`)}\n`
  for (const [i, one] of destinations.entries()) {
    const rate = one.perSecond === undefined ? '?' : formatNumber(Math.round(one.perSecond))
    const cells = [
      (targets[i] ?? '').padEnd(width),
      formatNumber(one.timeWait).padStart(9),
      formatNumber(one.established).padStart(6),
      rate.padStart(7),
      percentText(one.percent).padStart(5),
      makers(one, userName),
    ]
    yield `  ${cells.join('  ')}\n`
  }
}

/** Who closes first has the TIME_WAIT: it is on this side, so it was this process. */
function makers(
  { madeBy, hidden, timeWait, established }: Destination,
  userName: UserName,
): string {
  const unseen = hidden.map(({ uid }) => hiddenText({ uid }, userName))
  if (madeBy.length + hidden.length === 0) return '(none seen alive)'
  const names = madeBy.slice(0, 3).map(({ name, pid }) => `${terminalText(name)} (pid ${pid})`)
  const more = madeBy.length > 3 ? [`${madeBy.length - 3} more`] : []
  const first = timeWait > established ? ['closes first'] : []
  return [...names, ...more, ...unseen, ...first].join(', ')
}

function rangeText({
  first,
  last,
  reserved,
  usable,
  timeWaitSeconds,
  isAssumed,
}: PortRange): string {
  const less = reserved === 0 ? '' : ` less ${formatNumber(reserved)} reserved`
  const usual = isAssumed ? ' (usual here; it was not read)' : ''
  return `range ${first}-${last}${less} = ${formatNumber(usable)} ports${usual}; TIME_WAIT ${timeWaitSeconds} s`
}

function ceiling({ usable, timeWaitSeconds }: PortRange): number {
  return Math.floor(usable / timeWaitSeconds)
}

/** tcp_tw_reuse is about outgoing connections only, and its usual value about this machine only. */
function reuseText({ ceilingPerSecond }: Destination, range: PortRange): string {
  if (range.reuse === 'none') return ''
  const where = range.reuse === 'all' ? 'to any target' : 'on loopback'
  const after = range.reuseAfterMs / 1000
  const most = Math.max(ceilingPerSecond, Math.floor(range.usable / Math.max(1, after)))
  return `;\n     ${where} TIME_WAIT can be taken again after ${after} s: at most ${formatNumber(most)}/s`
}

function* advice(): Generator<string> {
  yield '\n'
  yield 'Fix: reuse connections (pool, keep-alive). Let the other side close first.\n'
  yield 'Then: more addresses or ports to connect to. Last: a wider net.ipv4.ip_local_port_range.\n'
  yield 'Do not: tcp_tw_recycle (removed in Linux 4.12), SO_LINGER 0 (loses data);\n'
  yield 'tcp_fin_timeout does not shorten TIME_WAIT.\n'
}

function targetText({ host, port }: Destination): string {
  return `${formatHost(host)}:${port}`
}

function percentText(percent: number): string {
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.floor(percent)} %`
}
