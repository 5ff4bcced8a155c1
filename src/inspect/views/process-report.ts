import { terminalText } from '../../terminal-text.ts'
import { formatCount } from '../../units.ts'
import { formatEnd, portOf } from '../ends.ts'
import type { Conversation, ProcessReport } from '../explain/report-types.ts'
import { areElsewhere, inspectThere } from './next-place.ts'
import type { Step } from './next-steps.ts'
import type { Fact, ReportWords } from './report.ts'
import {
  clientsWords,
  joined,
  listensWords,
  ownerWords,
  type Reader,
  remainingWords,
  storyFacts,
  userWords,
} from './report-words.ts'
import { STATE_LABELS } from './words.ts'

/** Puts what is known of the sockets of a process into words. */
export function processReportWords(report: ProcessReport, reader: Reader): ReportWords {
  const { story, conversations } = report
  const isStopped = story?.facts.state === 'stopped'
  return {
    answer: answerOf(report, reader),
    tone: isStopped ? 'bad' : 'plain',
    facts: [
      ...(story === undefined ? [] : storyFacts(story, reader)),
      ...socketFacts(report),
      ...conversations.slice(0, MOST_CONVERSATIONS).map(conversationFact),
      ...(conversations.length > MOST_CONVERSATIONS
        ? [{ label: '', text: `and ${conversations.length - MOST_CONVERSATIONS} more` }]
        : []),
    ],
    next: stepsOf(report, reader),
  }
}

const MOST_CONVERSATIONS = 12

function answerOf(report: ProcessReport, reader: Reader): string {
  const { story, pid, records, listeners, conversations, unix, others, unlisted } = report
  const name = story?.facts.name ?? 'process'
  const project = story?.facts.project
  const whose =
    story !== undefined && story.facts.uid !== reader.uid
      ? ` of ${userWords(story.facts.uid, reader)}`
      : project === undefined
        ? ''
        : `, your project "${terminalText(project.name)}",`
  const who = `${ownerWords({ name, pid })}${whose}`
  const count = records.length + unlisted
  if (count === 0) return `${who} holds no socket.`
  const kinds = [
    ...(listeners.length === 0 ? [] : [formatCount(listeners.length, 'listener')]),
    ...(conversations.length === 0 ? [] : [formatCount(conversations.length, 'connection')]),
    ...(unix.count === 0 ? [] : [`${unix.count} unix`]),
    ...(others === 0 ? [] : [`${others} of other kinds`]),
    ...(unlisted === 0 ? [] : [`${unlisted} that are neither bound nor connected`]),
  ]
  return `${who} still has ${formatCount(count, 'socket')} open: ${joined(kinds)}.`
}

function socketFacts({ listeners, unix, unlisted, story }: ProcessReport): Fact[] {
  const waiting = listeners.filter(
    ({ protocol, receiveQueue }) => protocol === 'tcp' && (receiveQueue ?? 0) > 0,
  )
  const open = story?.facts.openDescriptors
  const limit = story?.facts.descriptorLimit
  const isNearLimit = open !== undefined && limit !== undefined && open >= limit * 0.8
  return [
    ...(open === undefined
      ? []
      : [
          {
            label: 'descriptors',
            text: `${open} open${limit === undefined ? '' : ` of ${limit}`}`,
            ...(isNearLimit && { isWarning: true }),
          },
        ]),
    ...listeners.slice(0, MOST_CONVERSATIONS).map(one => ({
      label:
        one.protocol !== 'tcp' ? one.protocol : one.state === 'listen' ? 'listens' : 'only bound',
      text: listensWords([one]),
    })),
    ...waiting.map(one => ({
      label: 'queue',
      text: `${one.receiveQueue} waiting to be accepted on port ${portOf(one.local)}`,
      isWarning: true,
    })),
    ...(unix.count === 0
      ? []
      : [
          {
            label: 'unix',
            text: unix.peers.length === 0 ? `${unix.count}` : `with ${clientsWords(unix.peers)}`,
          },
        ]),
    ...(unlisted === 0
      ? []
      : [
          {
            label: 'in no table',
            text: `${unlisted}: not connected, of a rare kind, or kept by the kernel`,
          },
        ]),
  ]
}

/** `<-` somebody came, `->` it went out: whom to, who that is here, and since when it is silent. */
function conversationFact({ record, isIncoming, isWaiting, peer, idleMs }: Conversation): Fact {
  const { remote, local, state, protocol } = record
  const parts = [
    terminalText(remote === undefined ? '' : formatEnd(remote)),
    ...(peer === undefined ? [] : [ownerWords(peer)]),
    ...(isIncoming ? [`on :${portOf(local)}`] : []),
    ...(isWaiting ? ['waits to be accepted'] : []),
    ...(state === 'established' ? [] : [STATE_LABELS[state]]),
    ...(protocol === 'tcp' ? [] : [protocol]),
    ...(idleMs === undefined || idleMs < 1000 ? [] : [`idle ${remainingWords(idleMs)}`]),
  ]
  return {
    label: isIncoming === undefined ? '<->' : isIncoming ? '<-' : '->',
    text: parts.join('  '),
    ...(state === 'close-wait' && { isWarning: true }),
  }
}

function stepsOf(
  { story, listeners, conversations, pid, records }: ProcessReport,
  { place: { netns, proc } }: Reader,
): Step[] {
  const port = portOf(listeners[0]?.local)
  const place = { netns: netns ?? (areElsewhere(records) ? `${pid}` : undefined), proc }
  const table = { what: 'Every socket', command: inspectThere(`--pid ${pid}`, place) }
  if (story?.facts.state === 'stopped') {
    return [table, { what: 'Resume it', command: `kill -CONT ${pid}` }]
  }
  if (port === undefined || conversations.length > MOST_CONVERSATIONS) return [table]
  return [table, { what: 'Its port', command: inspectThere(`${port}`, place) }]
}
