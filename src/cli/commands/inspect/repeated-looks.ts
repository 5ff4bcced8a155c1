import type { Snapshot } from '../../../inspect/types.ts'
import type { SocketList, ViewPaint } from '../../../inspect/views/types.ts'
import { beats } from '../../../inspect/watch/beats.ts'
import { terminalText } from '../../../terminal-text.ts'
import type { Context } from '../../context.ts'
import { untilOver } from '../../shutdown.ts'
import { readPace } from './pace.ts'
import type { InspectFlags } from './question.ts'
import { asRoot, unseenRemarks } from './remarks.ts'
import type { ToldWarnings } from './told-warnings.ts'
import type { WatchedList } from './watched-list.ts'

/** What tells how something grows, from look to look. */
export interface RepeatedLooks<Answer> {
  look(): Promise<WatchedList>
  /** Takes a look in; `elapsedMs` since the one before, 0 at the first. */
  take(list: WatchedList, elapsedMs: number): Answer
  report(answer: Answer, about: ReportFacts): Promise<void>
}

export interface ReportFacts extends WatchedList {
  readonly elapsedMs: number
  /** More reports follow, or may. */
  readonly isWatch: boolean
}

/** What tells growth, unless `--interval` says otherwise. */
const USUAL_INTERVAL_MS = 1000

/**
 * Looks twice and reports once; with `--watch` reports after every interval; with `--interval 0`
 * looks once.
 *
 * @returns the exit code of the signal that ended it, if one did
 */
export async function repeatedly<Answer>(
  flags: InspectFlags,
  context: Context,
  { look, take, report }: RepeatedLooks<Answer>,
): Promise<number | undefined> {
  const pace = readPace(flags)
  const isWatch = pace !== undefined
  const intervalMs = pace?.intervalMs ?? flags.interval ?? USUAL_INTERVAL_MS
  const stopping = new AbortController()
  const work = async (): Promise<void> => {
    // The sockets are listed first; to look for who holds them can take far longer.
    let last = performance.now()
    const first = await look()
    const answer = take(first, 0)
    if (intervalMs === 0) {
      await report(answer, { ...first, elapsedMs: 0, isWatch })
      return
    }
    const count = isWatch ? pace.count : 1
    for await (const _ of beats({ intervalMs, count }, stopping.signal)) {
      const now = performance.now()
      const list = await look()
      const elapsedMs = now - last
      last = now
      await report(take(list, elapsedMs), { ...list, elapsedMs, isWatch })
    }
  }
  const stop = (): void => stopping.abort()
  return untilOver({ over: work(), stop, abandon: stop }, context)
}

/** Says below a report what could not be seen of its sockets and was not said yet, and how to see it. */
export function sayUnseen(
  list: SocketList,
  told: ToldWarnings,
  { typed, context }: { readonly typed: readonly string[]; readonly context: Context },
): void {
  const seeThem = asRoot(typed, context)
  const { hidden, others, steps } = unseenRemarks(list, list.records, seeThem)
  const lines = [...hidden, ...others, ...steps].map(message => ({ message }))
  for (const { message } of told.take(lines)) context.stderr.write(`${terminalText(message)}\n`)
}

/** One of several reports to people: its time in front, and a blank line before the next. */
export function* oneOfMany(
  view: Iterable<string>,
  { takenAt }: Pick<Snapshot, 'takenAt'>,
  paint: ViewPaint,
): Generator<string> {
  yield `${paint.dim(takenAt.toTimeString().slice(0, 8))}  `
  yield* view
  yield '\n'
}
