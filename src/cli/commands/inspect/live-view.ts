import { COLUMNS } from '../../../inspect/views/columns/index.ts'
import { type LiveTable, liveFrame, rowsIn } from '../../../inspect/views/live-frame.ts'
import { beats } from '../../../inspect/watch/beats.ts'
import { liveRows, type RowTexts } from '../../../inspect/watch/live-rows.ts'
import { Trends } from '../../../inspect/watch/trends.ts'
import { terminalText } from '../../../terminal-text.ts'
import { loadPaint, type Paint, wantsColor } from '../../color.ts'
import { type LiveScreen, onScreen } from '../../live-screen.ts'
import { keysIn, type LiveAction } from './live-keys.ts'
import type { Job } from './watch-sockets.ts'
import type { WatchedList } from './watched-list.ts'

/** A watch that is shown on a terminal. */
interface LiveJob extends Job {
  readonly title: string
  /** Ends it, as `q` does. */
  stop(): void
}

/** Shows the sockets as a table that is drawn anew at every look, until it is told to stop. */
export async function showLive(job: LiveJob): Promise<void> {
  const { look, pace, signal, flags, context } = job
  const paint = await loadPaint(wantsColor(flags.color, context.stdout, context.env))
  // What cannot be looked at is said before the screen is taken.
  const first = await look()
  const view = new LiveView(job, paint)
  const events = {
    onKeys: (keys: string) => view.onKeys(keys),
    onRedraw: () => view.draw(),
  }
  await onScreen(context, events, async screen => {
    view.show(first, screen)
    for await (const _ of beats(pace, signal)) {
      if (!view.isPaused) view.show(await look(), screen)
    }
  })
}

class LiveView {
  readonly #job: LiveJob
  readonly #paint: Paint
  readonly #trends = new Trends()
  readonly #texts: RowTexts = new WeakMap()
  #screen: LiveScreen | undefined
  #shown: WatchedList | undefined
  #isPaused = false
  /** Undefined: by change. */
  #sortedBy: number | undefined
  #isReversed = false
  #filter = ''
  #isTyping = false
  #offset = 0

  constructor(job: LiveJob, paint: Paint) {
    this.#job = job
    this.#paint = paint
    const { columns, sort } = job.appearance
    const wanted = sort[0]?.column ?? (job.question.isOverview ? COLUMNS.local : undefined)
    const at = wanted === undefined ? -1 : columns.indexOf(wanted)
    this.#sortedBy = at === -1 ? undefined : at
    this.#isReversed = sort[0]?.descending ?? false
  }

  /** What is shown then stays, so that nothing is looked at. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  show(list: WatchedList, screen: LiveScreen): void {
    this.#screen = screen
    this.#shown = list
    this.#trends.add(list.beat.sockets)
    this.draw()
  }

  onKeys(keys: string): void {
    for (const action of keysIn(keys, { isTyping: this.#isTyping })) this.#act(action)
    this.draw()
  }

  draw(): void {
    const screen = this.#screen
    const table = this.#table()
    if (screen === undefined || table === undefined) return
    const most = Math.max(0, table.rows.length - rowsIn(table, screen))
    this.#offset = Math.min(this.#offset, most)
    screen.draw(liveFrame({ ...table, offset: this.#offset }, screen, this.#paint))
  }

  /** What is most: a live table has room for one line of it. */
  get #warning(): string | undefined {
    const warnings = this.#shown?.list.snapshot.warnings ?? []
    const one = warnings.find(({ code }) => code === 'incomplete') ?? warnings[0]
    return one === undefined ? undefined : terminalText(one.message)
  }

  #table(): LiveTable | undefined {
    if (this.#shown === undefined) return undefined
    const { beat, list } = this.#shown
    const { columns } = this.#job.appearance
    const column = this.#sortedBy === undefined ? undefined : columns[this.#sortedBy]
    const sort = column && { column, descending: this.#isReversed }
    const order = { sort, isReversed: this.#isReversed, filter: this.#filter, columns }
    const rows = liveRows(beat, order, list, this.#texts)
    return {
      title: terminalText(this.#job.title),
      intervalMs: this.#job.pace.intervalMs,
      takenAt: beat.snapshot.takenAt,
      isPaused: this.#isPaused,
      trends: this.#trends.all,
      rows,
      warning: this.#warning,
      total: beat.sockets.length,
      columns,
      facts: list,
      sortedBy: column?.heading ?? 'change',
      isReversed: this.#isReversed,
      filter: terminalText(this.#filter),
      isTyping: this.#isTyping,
      offset: this.#offset,
    }
  }

  #act(action: LiveAction): void {
    switch (action.kind) {
      case 'quit':
        this.#job.stop()
        break
      case 'interrupt':
        // In raw mode the terminal does not send it: the same way out as for a signal from outside.
        process.kill(process.pid, 'SIGINT')
        break
      case 'suspend':
        this.#screen?.suspend()
        break
      case 'sort':
        this.#nextSort()
        break
      case 'reverse':
        this.#isReversed = !this.#isReversed
        break
      case 'pause':
        this.#isPaused = !this.#isPaused
        break
      case 'scroll':
        this.#offset = Math.max(0, this.#offset + action.pages * this.#pageRows() + action.rows)
        break
      case 'type':
        this.#isTyping = action.isOn
        if (action.isCleared) this.#filter = ''
        break
      case 'letter':
        this.#filter += action.letter
        this.#offset = 0
        break
      case 'erase':
        this.#filter = [...this.#filter].slice(0, -1).join('')
        break
    }
  }

  #nextSort(): void {
    const next = (this.#sortedBy ?? -1) + 1
    this.#sortedBy = next < this.#job.appearance.columns.length ? next : undefined
    this.#isReversed = false
  }

  #pageRows(): number {
    return this.#screen === undefined
      ? 0
      : rowsIn({ trends: this.#trends.all, warning: this.#warning }, this.#screen)
  }
}
