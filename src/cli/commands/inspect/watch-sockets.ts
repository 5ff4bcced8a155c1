import { usageError } from '../../../errors.ts'
import type { Warning } from '../../../inspect/types.ts'
import { ndjsonView } from '../../../inspect/views/json.ts'
import { EventLines, eventNdjson, warningNdjson } from '../../../inspect/views/watch-events.ts'
import { beats, type Pace } from '../../../inspect/watch/beats.ts'
import { terminalText } from '../../../terminal-text.ts'
import { loadPaint, wantsColor } from '../../color.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES } from '../../exit-code.ts'
import { untilOver } from '../../shutdown.ts'
import { writePieces } from '../../write-pieces.ts'
import { type Appearance, readAppearance } from './appearance.ts'
import { readFilter } from './filter.ts'
import { showLive } from './live-view.ts'
import { readPace } from './pace.ts'
import { type InspectFlags, type Question, readQuestion } from './question.ts'
import { ToldWarnings } from './told-warnings.ts'
import { type WatchedList, watchList } from './watched-list.ts'

/**
 * Runs `sockctl inspect --watch`: a live table on a terminal, else one line for each change.
 *
 * @throws ERR_USAGE for views that cannot change; else as a look at the same sockets
 */
export async function runWatch(
  words: readonly string[],
  flags: InspectFlags,
  context: Context,
): Promise<number> {
  const pace = readPace(flags)
  if (pace === undefined) throw usageError('--watch is missing')
  refuseStillViews(words, flags)
  const filter = await readFilter(words, flags, context)
  const question = readQuestion(filter === undefined ? words : [], flags, filter)
  const appearance = readAppearance(flags, question)
  const look = await watchList({ question, needs: appearance.needs, flags, context })
  const stopping = new AbortController()
  const job: Job = { look, pace, signal: stopping.signal, flags, question, appearance, context }
  const isLive = appearance.format === 'table' && !!context.stdout.isTTY
  const stop = (): void => stopping.abort()
  const over = isLive ? showLive({ ...job, stop, title: titleOf(words, flags) }) : writeEvents(job)
  const signalCode = await untilOver({ over, stop, abandon: stop }, context)
  return signalCode ?? EXIT_CODES.ok.code
}

/** What a watch has to do, and for whom. */
export interface Job {
  readonly look: () => Promise<WatchedList>
  readonly pace: Pace
  readonly signal: AbortSignal
  readonly flags: InspectFlags
  readonly question: Question
  readonly appearance: Appearance
  readonly context: Context
}

/** @throws ERR_USAGE */
function refuseStillViews(words: readonly string[], flags: InspectFlags): void {
  const still = (
    [
      ['summary', '-s'],
      ['groupBy', '--group-by'],
      ['csv', '--csv'],
      ['peer', '--peer'],
      ['top', '--top'],
    ] as const
  ).find(([key]) => flags[key] !== undefined)
  if (still !== undefined) throw usageError(`${still[1]} does not go with --watch of sockets`)
  if (words.includes('-')) {
    throw usageError('what was pasted does not change: "-" does not go with --watch')
  }
}

async function writeEvents(job: Job): Promise<void> {
  const { look, pace, signal, flags, appearance, context } = job
  const { columns, format } = appearance
  const first = await look()
  const isForPrograms = format !== 'table'
  const paint = await loadPaint(
    !isForPrograms && wantsColor(flags.color, context.stdout, context.env),
  )
  const lines = new EventLines({ columns, paint })
  const present = flags.changesOnly ? { ...first.list, records: [] } : first.list
  const told = new ToldWarnings()
  told.take(first.list.snapshot.warnings)
  if (isForPrograms) await writePieces(ndjsonView(present, columns), context)
  else {
    sayWarnings(first.list.snapshot.warnings, context)
    if (flags.header) await writePieces([lines.header()], context)
    if (!flags.changesOnly) await writePieces(lines.here(first.beat, first.list), context)
  }
  for await (const _ of beats(pace, signal)) {
    const { beat, list } = await look()
    const warnings = told.take(list.snapshot.warnings)
    if (isForPrograms) {
      await writePieces(warningNdjson(warnings, list.snapshot.takenAt), context)
      await writePieces(eventNdjson(beat.events, columns, list), context)
    } else {
      sayWarnings(warnings, context)
      await writePieces(lines.events(beat, list), context)
    }
  }
}

function sayWarnings(warnings: readonly Warning[], { stderr }: Context): void {
  for (const { message } of warnings) stderr.write(`${terminalText(message)}\n`)
}

/** What is watched, in the words of who asked. */
function titleOf(words: readonly string[], flags: InspectFlags): string {
  const pids = (flags.pid ?? []).map(pid => `--pid ${pid}`)
  const processes = (flags.process ?? []).map(name => `--process ${name}`)
  return ['sockctl inspect', ...words, ...pids, ...processes].join(' ')
}
