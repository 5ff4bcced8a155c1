import { terminalText } from '../../terminal-text.ts'
import { formatCount } from '../../units.ts'
import { portOf } from '../ends.ts'
import type { NamedProcess, NameReport } from '../explain/report-types.ts'
import { inspectThere } from './next-place.ts'
import type { Fact, ReportWords } from './report.ts'
import { joined, ownerWords, pathWords, type Reader, upWords } from './report-words.ts'

/** Puts the processes of a program into words: which there are, and how to pick one. */
export function nameReportWords(report: NameReport, reader: Reader): ReportWords {
  const { name, processes, isRunning, nearest } = report
  const [first] = processes
  const shown = terminalText(name)
  if (first === undefined) {
    const why = isRunning ? 'but none holds a socket' : 'runs'
    return {
      answer: isRunning ? `${shown} runs, ${why}.` : `No process named ${shown} ${why}.`,
      tone: 'bad',
      facts:
        nearest === undefined
          ? []
          : [{ label: 'perhaps', text: `did you mean ${terminalText(nearest)}?` }],
      next: [{ what: 'All listeners', command: inspectThere('', reader.place) }],
    }
  }
  return {
    answer: `${formatCount(processes.length, 'process', 'processes')} named ${shown} hold sockets.`,
    tone: 'plain',
    facts: processes.slice(0, MOST).map(one => factOf(one, reader)),
    next: [
      ...(processes.length > MOST
        ? [{ what: 'All of them', command: inspectThere(`--process ${shown}`, reader.place) }]
        : []),
      // It is looked for where it lives.
      {
        what: 'Pick one',
        command: inspectThere(`pid:${first.pid}`, { ...reader.place, netns: undefined }),
      },
    ],
  }
}

const MOST = 20

function factOf({ pid, story, sockets, listeners }: NamedProcess, reader: Reader): Fact {
  const folder = story.facts.project?.folder ?? story.facts.workingFolder
  const ports = [...new Set(listeners.map(({ local }) => portOf(local)))].filter(port => port !== 0)
  const parts = [
    ...(folder === undefined ? [] : [pathWords(folder, reader)]),
    ...(ports.length === 0 ? [] : [`listens on ${joined(ports.map(String))}`]),
    sockets === undefined ? 'its sockets are hidden from you' : formatCount(sockets, 'socket'),
    upWords(story, reader).replace(/^, /, ''),
  ]
  return {
    label: ownerWords({ name: story.facts.name, pid }),
    text: parts.filter(part => part !== '').join('  '),
  }
}
