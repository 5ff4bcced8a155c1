import { terminalText } from '../../terminal-text.ts'
import type { UnixReport } from '../explain/report-types.ts'
import { formatTarget } from '../explain/target.ts'
import { inspectThere, runThere } from './next-place.ts'
import type { Step } from './next-steps.ts'
import type { Fact, ReportWords } from './report.ts'
import {
  ageWords,
  clientsWords,
  holderWords,
  ownersWords,
  pathWords,
  type Reader,
  storyFacts,
  upWords,
  userWords,
  waitingWords,
} from './report-words.ts'
import { shellWord } from './shell-word.ts'

/** Puts what is known of a unix socket into words. */
export function unixReportWords(report: UnixReport, reader: Reader): ReportWords {
  const { verdict, story } = report
  return {
    answer: answerOf(report, reader),
    tone: verdict === 'alive' && story?.facts.state !== 'stopped' ? 'plain' : 'bad',
    facts: factsOf(report, reader),
    next: stepsOf(report, reader),
  }
}

function answerOf(report: UnixReport, reader: Reader): string {
  const { path, verdict, ownership, story, file } = report
  const name = pathWords(path, reader)
  const who =
    ownership === undefined
      ? 'a process that cannot be seen'
      : holderWords(ownership, story, reader)
  const old = file === undefined ? '' : ` (${ageWords(file.changedAt, reader.now)} old)`
  switch (verdict) {
    case 'alive':
      return story?.facts.state === 'stopped'
        ? `${name} is open, but ${who} is stopped and does not accept.`
        : `${name} is held by ${who}${upWords(story, reader)}.`
    case 'bound':
      return `${name} is bound by ${who}${upWords(story, reader)}, which does not listen: nobody can connect.`
    case 'connected':
      return `${name} is the name of one end of a connection, held by ${who}${upWords(story, reader)}: nobody listens on it.`
    case 'elsewhere':
      return `${name} is alive: somebody answers who is in no table here, most likely in a container.`
    case 'stale':
      return `${name} is stale: the file exists${old}, and nobody listens.`
    case 'replaced':
      return `${name} leads nowhere: ${who} still listens by this name, but the file was replaced.`
    case 'unlinked':
      return `${name} is gone: ${who} still listens by this name, but nobody can reach it any more.`
    case 'no-socket':
      return `${name} is no socket, but ${kindOf(report)}.`
    case 'missing':
      return `There is no unix socket ${name}.`
    case 'unknown':
      if (file === undefined) {
        return `You may not look at ${name}: a folder on the way is closed to you.`
      }
      return `${name} exists${old}, but you may not connect to it, and its owner cannot be seen.`
  }
}

/** S_IFMT of stat(2). */
const KINDS: ReadonlyMap<number, string> = new Map([
  [0o040000, 'a folder'],
  [0o100000, 'a file'],
  [0o010000, 'a FIFO'],
])

function kindOf({ file }: UnixReport): string {
  return KINDS.get((file?.mode ?? 0) & 0o170000) ?? 'a device'
}

function factsOf(report: UnixReport, reader: Reader): Fact[] {
  const { records, story, sharers, clients, waiting, file } = report
  const type = records[0]?.unix?.type
  return [
    ...(type === undefined ? [] : [{ label: 'type', text: type }]),
    ...(file === undefined
      ? []
      : [
          {
            label: 'file',
            text: `of ${userWords(file.uid, reader)}, mode ${(file.mode & 0o777).toString(8).padStart(4, '0')}, ${ageWords(file.changedAt, reader.now)} old`,
          },
        ]),
    ...(story === undefined ? [] : storyFacts(story, reader)),
    ...(sharers.length === 0 ? [] : [{ label: 'shared by', text: ownersWords(sharers) }]),
    ...(waiting === undefined
      ? []
      : [{ label: 'queue', text: waitingWords(waiting), isWarning: true }]),
    ...(clients.length === 0 ? [] : [{ label: 'clients', text: clientsWords(clients) }]),
  ]
}

function stepsOf(report: UnixReport, reader: Reader): Step[] {
  const { path, verdict, ownership, story, records } = report
  const word = shellWord(formatTarget({ kind: 'unix', path }))
  if (ownership?.kind === 'hidden') {
    return reader.uid === 0 ? [] : [{ what: 'See the owner', command: reader.rootCommand }]
  }
  switch (verdict) {
    case 'alive':
      return story?.facts.state === 'stopped'
        ? [{ what: 'Resume it', command: `kill -CONT ${story.facts.pid}` }]
        : records[0]?.unix?.type === 'stream'
          ? [{ what: 'Try it', command: tryCommand(report, reader) }]
          : holderSteps(report, reader)
    case 'stale':
      return [{ what: 'Remove it', command: `sockctl inspect ${unixWord(path)} --free` }]
    case 'bound':
    case 'connected':
    case 'replaced':
    case 'unlinked':
      return holderSteps(report, reader)
    case 'missing':
      return [{ what: 'All there are', command: inspectThere('-xlp', reader.place) }]
    case 'unknown':
      return [{ what: 'See more', command: reader.rootCommand }]
    case 'elsewhere':
      return [{ what: 'Look there', command: `sockctl inspect --netns all -x src ${word}` }]
    case 'no-socket':
      return [{ what: 'Look at it', command: `ls -ld ${shellWord(path)}` }]
  }
}

function holderSteps({ story }: UnixReport, { place: { proc } }: Reader): Step[] {
  if (story === undefined) return []
  const command = inspectThere(`pid:${story.facts.pid}`, { netns: undefined, proc })
  return [{ what: 'What it holds', command }]
}

/** A file is there for every network namespace, an abstract name for its own only. */
function tryCommand({ path, records, story }: UnixReport, { uid }: Reader): string {
  const command = `sockctl connect ${unixWord(path)}`
  const pid = story?.facts.pid
  return pid === undefined || !path.startsWith('@')
    ? command
    : runThere(command, records, { pid, uid })
}

function unixWord(path: string): string {
  return shellWord(terminalText(`unix:${path}`))
}
