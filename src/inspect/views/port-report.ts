import { terminalText } from '../../terminal-text.ts'
import { formatCount } from '../../units.ts'
import { formatEnd } from '../ends.ts'
import type { Holder, PortReport } from '../explain/report-types.ts'
import { hiddenReason } from '../owners/hidden-owners.ts'
import { portAnswer } from './port-answer.ts'
import { portSteps } from './port-steps.ts'
import type { Fact, ReportWords } from './report.ts'
import {
  ageWords,
  clientsWords,
  holderWords,
  joined,
  listensWords,
  ownersWords,
  ownerWords,
  pathWords,
  type Reader,
  remainingWords,
  storyFacts,
  waitingWords,
} from './report-words.ts'

/** Puts what is known of a port into words. */
export function portReportWords(report: PortReport, reader: Reader): ReportWords {
  return {
    ...portAnswer(report, reader),
    facts: [...holderFacts(report, reader), ...surroundings(report), ...bindFacts(report)],
    next: portSteps(report, reader),
  }
}

/** Of one holder everything; several stand in a list, so that they can be compared. */
function holderFacts(report: PortReport, reader: Reader): Fact[] {
  const [first, ...others] = report.holders.filter(isWorthALine)
  if (first === undefined) return []
  const reason = hiddenReason(report.snapshot)
  const listeners = report.holders.filter(({ cause }) => cause === 'listener')
  if (listeners.length > 1) {
    const rest = others.filter(({ cause }) => cause !== 'listener')
    return [
      ...listeners.map(one => briefFact(one, reader)),
      ...rest.map(one => besideFact(one, reader)),
    ]
  }
  return [
    ...whereFacts(first, report),
    ...(first.ownership.kind === 'hidden' && first.ownership.unit !== undefined
      ? [{ label: 'service', text: terminalText(first.ownership.unit) }]
      : []),
    ...(first.ownership.kind === 'hidden' && reason !== undefined
      ? [{ label: 'hidden', text: terminalText(reason) }]
      : []),
    ...(first.squatter === undefined ? [] : [{ label: 'known as', text: first.squatter }]),
    ...(first.story === undefined ? [] : storyFacts(first.story, reader)),
    ...shareFacts(first),
    ...(first.waiting === undefined
      ? []
      : [{ label: 'queue', text: waitingWords(first.waiting), isWarning: true }]),
    ...others.map(one => besideFact(one, reader)),
  ]
}

/** What only the kernel has left is told by a line of its own. */
function isWorthALine({ cause }: Holder): boolean {
  return cause !== 'time-wait' && cause !== 'closing'
}

function whereFacts({ cause, records, story }: Holder, report: PortReport): Fact[] {
  const standIn = story?.standIn
  if (standIn?.kind === 'docker-proxy') {
    const to = `${standIn.containerHost}:${standIn.containerPort}`
    return [
      { label: 'listens', text: listensWords(records) },
      { label: 'leads to', text: terminalText(to) },
    ]
  }
  switch (cause) {
    case 'container':
    case 'inherited':
    case 'listener':
      return [{ label: 'listens', text: listensWords(records) }]
    case 'bound':
      return [{ label: 'bound', text: ends(records) }]
    case 'udp':
      return [{ label: 'receives', text: listensWords(records.filter(one => !one.remote)) }]
    default:
      return [{ label: 'connection', text: ends(records) }, ...lentFacts(cause, report)]
  }
}

function lentFacts(cause: Holder['cause'], { port, ephemeral }: PortReport): Fact[] {
  const { first, last } = ephemeral
  if (cause === 'accepted' || port < first || port > last) return []
  return [
    { label: 'why', text: `the kernel lends the ports ${first}-${last} to outgoing connections` },
  ]
}

const MOST_ENDS = 4

function ends(records: Holder['records']): string {
  const shown = records.slice(0, MOST_ENDS).map(({ local, remote, state }) => {
    const to = remote === undefined ? '' : ` -> ${terminalText(formatEnd(remote))} (${state})`
    return `${terminalText(formatEnd(local))}${to}`
  })
  const more = records.length - shown.length
  return `${shown.join('; ')}${more > 0 ? ` and ${more} more` : ''}`
}

function shareFacts({ cause, sharers }: Holder): Fact[] {
  if (sharers.length === 0) return []
  const text =
    cause === 'inherited'
      ? `${ownersWords(sharers)} have it too`
      : `the same socket: ${ownersWords(sharers)}; the port is taken until all have closed it`
  return [{ label: 'shared by', text }]
}

function briefFact(holder: Holder, reader: Reader): Fact {
  const { ownership, story, records, waiting } = holder
  const [first] = ownership.kind === 'held' ? ownership.owners : []
  const folder = story?.facts.project?.folder ?? story?.facts.workingFolder
  const started = story?.facts.startedAt
  const parts = [
    records.map(({ local }) => terminalText(formatEnd(local))).join(', '),
    ...(folder === undefined ? [] : [pathWords(folder, reader)]),
    ...(started === undefined ? [] : [`up ${ageWords(started, reader.now)}`]),
    ...(story?.facts.state === 'stopped' ? ['stopped'] : []),
    ...(story?.facts.isFolderDeleted ? ['an old copy: its folder was deleted'] : []),
    ...(story?.orphan === undefined ? [] : ['orphan']),
    ...(waiting === undefined ? [] : [waitingWords(waiting)]),
  ]
  const label = first === undefined ? holderWords(ownership, undefined, reader) : ownerWords(first)
  return { label, text: parts.join('  ') }
}

function besideFact({ cause, records, ownership }: Holder, reader: Reader): Fact {
  const who = holderWords(ownership, undefined, reader)
  if (cause === 'udp') {
    return { label: 'udp', text: `${who} has the UDP port, which is another one than that of TCP` }
  }
  if (cause === 'bound') return { label: 'beside', text: `${who} bound ${ends(records)}` }
  return { label: 'beside', text: `${who}: ${ends(records)}` }
}

function surroundings({
  clients,
  unclosed,
  lingering,
  elsewhere,
  port,
  holders,
  otherNamespaces,
  candidates,
  unseen,
}: PortReport): Fact[] {
  const isHeld = holders.some(isWorthALine)
  return [
    ...(clients.length === 0 ? [] : [{ label: 'clients', text: clientsWords(clients) }]),
    ...(unclosed === 0
      ? []
      : [
          {
            label: 'not closed',
            text: `${formatCount(unclosed, 'connection')} that the client has closed, and the server has not (CLOSE-WAIT)`,
            isWarning: true,
          },
        ]),
    ...(lingering === undefined
      ? []
      : [
          {
            label: 'lingering',
            text: `${formatCount(lingering.count, 'connection')} that only the kernel still has${
              lingering.freeInMs === undefined
                ? ''
                : `; the last is over in ${remainingWords(lingering.freeInMs)}`
            }`,
          },
        ]),
    // In place of what the kernel keeps, or beside it: it cannot be told.
    ...(lingering === undefined || candidates.length === 0 || unseen.length > 0
      ? []
      : [
          {
            label: 'perhaps',
            text: `${ownersWords(candidates)} bound it without listening: a socket is in no table`,
          },
        ]),
    ...(elsewhere === 0
      ? []
      : [
          {
            label: 'elsewhere',
            text: `${formatCount(elsewhere, 'connection')} from here to port ${port} of other machines`,
          },
        ]),
    ...(isHeld || otherNamespaces.length === 0
      ? []
      : [
          {
            label: 'namespaces',
            text: 'ports of another network namespace do not stand in the way here',
          },
        ]),
  ]
}

function bindFacts({ trials, holders }: PortReport): Fact[] {
  if (trials === undefined) return []
  const by = (result: string): string[] =>
    trials.filter(one => one.result === result).map(({ host }) => host)
  const parts = [
    [by('in-use'), 'address in use (EADDRINUSE) on'],
    [by('denied'), 'not allowed (EACCES) on'],
    [by('not-local'), 'no interface here has'],
    [by('unsupported'), 'this machine does not have the family of'],
    [by('ok'), 'works on'],
  ] as const
  const text = parts
    .filter(([hosts]) => hosts.length > 0)
    .map(([hosts, what]) => `${what} ${terminalText(joined(hosts))}`)
  const untried = trials
    .filter(({ result }) => result === 'failed')
    .map(({ host, errno = '' }) => terminalText(`${host} (${errno})`))
  if (untried.length > 0) text.push(`could not be tried on ${joined(untried)}`)
  const isSurprise = holders.length === 0 && by('ok').length < trials.length
  return text.length === 0
    ? []
    : [{ label: 'to listen', text: text.join('; '), ...(isSurprise && { isWarning: true }) }]
}
