import { SockctlError } from '../../../errors.ts'
import { readCounters } from '../../../inspect/counters/read.ts'
import {
  type CounterSelection,
  changesBetween,
  type SelectedCounters,
  selectCounters,
} from '../../../inspect/counters/select.ts'
import type { CounterChange, CounterReading } from '../../../inspect/counters/types.ts'
import { changesHeader, changesView, countersView } from '../../../inspect/views/counters.ts'
import {
  changesCsv,
  changesNdjson,
  countersCsv,
  countersJson,
  countersNdjson,
  readingEvents,
} from '../../../inspect/views/counters-machine.ts'
import { beats, type Pace } from '../../../inspect/watch/beats.ts'
import { closestWord, terminalText } from '../../../terminal-text.ts'
import { formatCount, formatDuration } from '../../../units.ts'
import { loadPaint, type Paint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { untilOver } from '../../shutdown.ts'
import { writePieces } from '../../write-pieces.ts'
import { readPace } from './pace.ts'
import type { InspectFlags } from './question.ts'

/**
 * Runs `sockctl inspect --counters`.
 *
 * @throws ERR_UNSUPPORTED on systems other than Linux, ERR_NOT_FOUND when there are no counters
 */
export async function runCounters(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<number> {
  const pace = readPace(flags)
  if (context.platform !== 'linux' && flags.proc === undefined) throw unsupported(context.platform)
  const reading = read(flags, context)
  const selection = { all: !!flags.all, words }
  const selected = selectCounters(reading, selection)
  if (selected.counters.length + selected.zero === 0) return nothingMatches(words, reading, context)

  const job = { flags, context, selection, paint: await paintFor(flags, context) }
  if (pace !== undefined) return watch(reading, pace, job)
  await writePieces(once(reading, selected, job), context)
  if (isForPeople(flags)) sayBelow(reading, selected, job)
  return EXIT_CODES.ok.code
}

interface Job {
  readonly flags: InspectFlags
  readonly context: Context
  readonly selection: CounterSelection
  readonly paint: Paint
}

function read({ proc }: InspectFlags, context: Context): CounterReading {
  return readCounters({ now: () => context.now(), ...(proc !== undefined && { procRoot: proc }) })
}

function once(
  reading: CounterReading,
  { counters }: SelectedCounters,
  { flags, context, paint }: Job,
): Iterable<string> {
  const { header } = flags
  if (flags.json) return countersJson({ reading, counters })
  if (flags.ndjson) return countersNdjson({ reading, counters })
  if (flags.csv) return countersCsv(counters, { header })
  return countersView(counters, { header, paint, width: widthOf(context) })
}

/** Below the list: how much is not shown, what could not be read, and how to go on. */
function sayBelow(
  { counters: every, warnings }: CounterReading,
  { counters, zero }: SelectedCounters,
  { selection, context: { stderr } }: Job,
): void {
  const others = every.length - counters.length - zero
  const rest = [
    ...(zero > 0 ? [`${zero} ${zero === 1 ? 'is' : 'are'} zero`] : []),
    ...(others > 0 && selection.words.length === 0
      ? [`${others} ${others === 1 ? 'is' : 'are'} not explained`]
      : []),
  ]
  const lines = [
    ...(rest.length === 0
      ? []
      : [`${formatCount(counters.length, 'counter')}; ${rest.join(', ')}: -a shows them`]),
    ...warnings.map(({ message }) => message),
    ...(stderr.isTTY ? ['What grows: sockctl inspect --counters --watch'] : []),
  ]
  for (const line of lines) stderr.write(`${terminalText(line)}\n`)
}

/** Shows what changes, interval by interval, until it is told to stop. */
async function watch(first: CounterReading, pace: Pace, job: Job): Promise<number> {
  const { context } = job
  const stopping = new AbortController()
  const over = showChanges(first, { pace, job, signal: stopping.signal })
  const stop = (): void => stopping.abort()
  const signalCode = await untilOver({ over, stop, abandon: stop }, context)
  return signalCode ?? EXIT_CODES.ok.code
}

async function showChanges(
  first: CounterReading,
  { pace, job, signal }: { pace: Pace; job: Job; signal: AbortSignal },
): Promise<void> {
  const { context, flags, selection } = job
  await writePieces(opening(first, job), context)
  if (isForPeople(flags)) {
    for (const { message } of first.warnings) context.stderr.write(`${terminalText(message)}\n`)
  }
  let before = first
  for await (const elapsedMs of beats(pace, signal)) {
    const after = read(flags, context)
    const changes = changesBetween(before, after, { ...selection, elapsedMs })
    await writePieces(changesOf(changes, after, job), context)
    if (changes.length === 0 && isForPeople(flags) && context.stderr.isTTY) {
      const time = after.takenAt.toTimeString().slice(0, 8)
      context.stderr.write(`${time}  nothing changed in ${formatDuration(elapsedMs)}\n`)
    }
    before = after
  }
}

/** What stands before the first change. */
function opening(first: CounterReading, { flags, paint }: Job): Iterable<string> {
  if (flags.json || flags.ndjson) return readingEvents(first)
  if (!flags.header) return []
  if (flags.csv) return changesCsv([], { takenAt: first.takenAt, header: true })
  return [changesHeader({ paint })]
}

function changesOf(
  changes: readonly CounterChange[],
  { takenAt }: CounterReading,
  { flags, context, paint }: Job,
): Iterable<string> {
  if (flags.json || flags.ndjson) return changesNdjson(changes, takenAt)
  if (flags.csv) return changesCsv(changes, { takenAt, header: false })
  return changesView(changes, { takenAt, paint, width: widthOf(context) })
}

function nothingMatches(
  words: readonly string[],
  { counters }: CounterReading,
  { stderr }: Context,
): number {
  stderr.write(`no counter is named ${terminalText(words.join(' or '))}\n`)
  const near = closestWord(
    words[0] ?? '',
    counters.map(({ name }) => name),
  )
  const hint = near === undefined ? 'All there are: sockctl inspect --counters -a' : undefined
  stderr.write(`${terminalText(hint ?? `Did you mean ${near}?`)}\n`)
  return EXIT_CODES.no.code
}

function isForPeople({ json, ndjson, csv }: InspectFlags): boolean {
  return !json && !ndjson && !csv
}

function widthOf({ stdout }: Context): number | undefined {
  return stdout.isTTY ? stdout.columns : undefined
}

function paintFor(flags: InspectFlags, { stdout, env }: Context): Promise<Paint> {
  return loadPaint(isForPeople(flags) && wantsColor(flags.color, stdout, env))
}

function unsupported(platform: NodeJS.Platform): SockctlError {
  return new SockctlError('ERR_UNSUPPORTED', `cannot read the counters of ${platform}`, {
    hints: ['They are in /proc, which only Linux has.', 'See: netstat -s'],
  })
}
