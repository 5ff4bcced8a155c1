import { formatHost } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { formatCount, formatNumber } from '../../units.ts'
import { isBindable, keepsAway } from '../explain/refused-binds.ts'
import type { Holder, PortReport } from '../explain/report-types.ts'
import { nobodyAnswer } from './nobody-answer.ts'
import type { ReportWords } from './report.ts'
import { holderWords, joined, type Reader, remainingWords, upWords } from './report-words.ts'
import { unseenWords } from './unseen-words.ts'

type Answer = Pick<ReportWords, 'answer' | 'tone'>

/**
 * The sentence that answers who has a port. It never says that one is free while a bind fails: what
 * nothing seen explains follows in a sentence of its own.
 */
export function portAnswer(report: PortReport, reader: Reader): Answer {
  const { port, host } = report
  const name = host === undefined ? `Port ${port}` : `${formatHost(host)}:${port}`
  const [first] = report.holders
  if (first === undefined) return nobodyAnswer(name, report)
  const { answer, tone } = holderAnswer(name, { first, report, reader })
  const unseen = unseenWords(report)
  return { answer: `${answer}${unseen}`, tone: unseen === '' ? tone : 'bad' }
}

function holderAnswer(
  name: string,
  {
    first,
    report,
    reader,
  }: { readonly first: Holder; readonly report: PortReport; readonly reader: Reader },
): Answer {
  const listeners = report.holders.filter(({ cause }) => cause === 'listener')
  if (listeners.length > 1 && (report.isShadowed || report.isReusePort)) {
    return severalAnswer(name, report, listeners)
  }
  const plain = (answer: string): Answer => ({ answer, tone: 'plain' })
  const who = holderWords(first.ownership, first.story, reader)
  switch (first.cause) {
    case 'container':
      return plain(containerAnswer(name, first, holderWords(first.ownership, undefined, reader)))
    case 'inherited':
      return bad(
        `${name} is held by ${who}, which inherited the socket: the program that opened it has ended.`,
      )
    case 'listener':
      return listenerAnswer(name, { first, report, who, reader })
    case 'bound':
      return plain(
        keepsAway(report)
          ? `${name} is taken, but nobody listens: ${who} bound it without listening.`
          : `${name} has no listener; ${who} bound it without listening${still(report)}.`,
      )
    case 'accepted':
      return plain(
        `${name} has no listener any more, but ${who} still has ${formatCount(first.records.length, 'connection')} on it${still(report)}.`,
      )
    case 'outgoing':
      return plain(
        `${name} is taken, but not by a listener: an outgoing connection of ${who} drew it as its source.`,
      )
    case 'connected':
      return plain(`${name} is taken, but not by a listener: a connection of ${who} uses it.`)
    case 'closing':
    case 'time-wait':
      return plain(lingeringAnswer(name, report))
    case 'udp':
      return plain(udpAnswer(name, { who, report, first, reader }))
  }
}

function bad(answer: string): Answer {
  return { answer, tone: 'bad' }
}

function severalAnswer(name: string, report: PortReport, listeners: readonly Holder[]): Answer {
  const count = listeners.length
  if (!report.isShadowed) {
    return bad(`${name} has ${count} listeners; the kernel splits connections (SO_REUSEPORT).`)
  }
  const hosts = listeners.map(({ records }) =>
    joined(records.map(({ local }) => ('host' in local ? terminalText(local.host) : ''))),
  )
  if (isSplitLoopback(hosts)) {
    return bad(
      `localhost:${report.port} has ${count} different servers, on ${joined(hosts)}: a browser and Node may pick differently.`,
    )
  }
  return bad(
    `${name} has ${count} different servers, on ${joined(hosts)}: which one answers depends on the address.`,
  )
}

/** One answers at 127.0.0.1 and another at ::1: `localhost` is both. */
function isSplitLoopback(hosts: readonly string[]): boolean {
  const answers = (addresses: readonly string[]): Set<string> =>
    new Set(hosts.filter(host => addresses.some(one => host.includes(one))))
  const [v4, v6] = [answers(['127.0.0.1', '0.0.0.0']), answers(['::'])]
  return v4.size > 0 && v6.size > 0
}

/** So many that it has not closed are no accident: as many as make a leak. */
const MANY_UNCLOSED = 20

function listenerAnswer(
  name: string,
  {
    first,
    report,
    who,
    reader,
  }: {
    readonly first: Holder
    readonly report: PortReport
    readonly who: string
    readonly reader: Reader
  },
): Answer {
  const { waiting, story, ownership, isStopped } = first
  const count = waiting?.count ?? 0
  const are = `${count} ${count === 1 ? 'is' : 'are'} waiting`
  if (isStopped) {
    return bad(
      `${name} is open, but ${who} is stopped and does not accept${count === 0 ? '' : `: ${are}`}.`,
    )
  }
  if (waiting?.isStuck) {
    return bad(`${name} is open, but ${who} does not accept: ${are}.`)
  }
  // One socket for each worker: it is still one program.
  const sockets =
    report.isReusePort && first.records.length > 1
      ? `, by ${first.records.length} sockets (SO_REUSEPORT)`
      : ''
  const up = ownership.kind === 'held' ? upWords(story, reader) : ''
  const held = `${name} is held by ${who}${sockets}${up}`
  return report.unclosed < MANY_UNCLOSED
    ? { answer: `${held}.`, tone: 'plain' }
    : bad(
        `${held}, and has not closed ${formatNumber(report.unclosed)} connections that its clients have.`,
      )
}

function containerAnswer(name: string, { story }: Holder, who: string): string {
  const container = story?.container
  const standIn = story?.standIn
  if (container !== undefined) {
    const image = container.image === undefined ? '' : ` (${terminalText(container.image)})`
    const compose =
      container.compose === undefined
        ? ''
        : `, compose project "${terminalText(container.compose.project)}"`
    return `${name} is published by the container "${terminalText(container.name)}"${image}${compose}; ${who} only passes it on.`
  }
  switch (standIn?.kind) {
    case 'docker-proxy':
      return `${name} is published by a Docker container at ${terminalText(standIn.containerHost)}; ${who} only passes it on.`
    case 'rootless-network':
      return `${name} is published by a container without root's rights; ${who} is its network.`
    case 'conmon':
      return `${name} is kept for a container of Podman; ${who} only watches over it.`
    default:
      return `${name} is published by a Docker container; ${who} only keeps the port.`
  }
}

function lingeringAnswer(name: string, report: PortReport): string {
  const { lingering } = report
  const count = formatCount(lingering?.count ?? 0, 'connection')
  const ms = lingering?.freeInMs
  const when = ms === undefined ? '' : `, for at most ${remainingWords(ms)} more`
  return keepsAway(report)
    ? `${name} has no listener, and cannot be bound yet: the kernel keeps ${count}${when}.`
    : `${name} has no listener: the kernel still keeps ${count}${when}${still(report)}.`
}

/** The other one set SO_REUSEADDR too. It is said when a bind has shown it, and no other says no. */
function still({ trials }: Pick<PortReport, 'trials'>): string {
  return isBindable(trials) ? ', which does not keep a server from listening' : ''
}

function udpAnswer(
  name: string,
  {
    who,
    report,
    first,
    reader,
  }: {
    readonly who: string
    readonly report: PortReport
    readonly first: Holder
    readonly reader: Reader
  },
): string {
  const tcp = isBindable(report.trials) ? '; on TCP nobody has it' : ''
  const isReceiver = first.records.some(({ remote }) => remote === undefined)
  const how = isReceiver ? 'is held for UDP by' : 'is the source of UDP traffic of'
  return `${name} ${how} ${who}${upWords(first.story, reader)}${tcp}.`
}
