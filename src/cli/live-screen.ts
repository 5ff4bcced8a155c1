import type { Context } from './context.ts'

/** A terminal that is drawn on as a whole, and given back as it was found. */
export interface LiveScreen {
  readonly columns: number
  readonly rows: number
  /** Shows these lines, each of them no wider than the screen, with one write. */
  draw(lines: readonly string[]): void
  /** Hands the terminal back, stops this process as Ctrl-Z does, and goes on when it is continued. */
  suspend(): void
}

/** What comes from the terminal. */
export interface ScreenEvents {
  /** What was typed: a letter, or the bytes of a key. */
  onKeys(keys: string): void
  /** The screen has another size, or has to be drawn anew. */
  onRedraw(): void
}

/** xterm's control sequences: alternate screen, cursor, wrapping of lines. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/**
 * Draws on the alternate screen of a terminal while some work goes on. However that ends (also by a
 * bug, in an event that nobody waits for), the terminal is as it was before. Keys are read one by one
 * if stdin is a terminal too.
 */
export async function onScreen<T>(
  context: Context,
  events: ScreenEvents,
  work: (screen: LiveScreen) => Promise<T>,
): Promise<T> {
  const { stdout, signals } = context
  const keyboard = keyboardOf(context, events)
  let isOn = false
  const enter = (): void => {
    if (isOn) return
    isOn = true
    stdout.write(ENTER)
    keyboard?.open()
  }
  const leave = (): void => {
    if (!isOn) return
    isOn = false
    keyboard?.close()
    stdout.write(LEAVE)
  }
  // Nothing happens where nobody could continue it (an orphaned process group): it goes on at once.
  const stopAt = (target: number): void => {
    signals.off('SIGTSTP', onStop)
    leave()
    process.kill(target, 'SIGTSTP')
    signals.on('SIGTSTP', onStop)
    enter()
    events.onRedraw()
  }
  const onStop = (): void => stopAt(process.pid)
  // After a SIGSTOP, which nobody is told of, the shell has had the terminal.
  const onContinue = (): void => {
    leave()
    enter()
    events.onRedraw()
  }
  signals.on('SIGTSTP', onStop)
  signals.on('SIGCONT', onContinue)
  signals.on('uncaughtExceptionMonitor', leave)
  signals.on('exit', leave)
  stdout.on('resize', events.onRedraw)
  enter()
  try {
    return await work({
      // A terminal that does not know its size says 0.
      get columns() {
        return stdout.columns || 80
      },
      get rows() {
        return stdout.rows || 24
      },
      draw(lines) {
        if (!isOn || stdout.writableNeedDrain) return
        // Before the text: behind it, on a full line, it would take the last letter with it.
        const text = lines.map(line => CLEAR_LINE + line).join('\r\n')
        stdout.write(`${HOME}${text}${CLEAR_BELOW}`)
      },
      // The whole group, as the terminal does on Ctrl-Z: who started this waits for it.
      suspend: () => stopAt(0),
    })
  } finally {
    leave()
    stdout.off('resize', events.onRedraw)
    signals.off('SIGTSTP', onStop)
    signals.off('SIGCONT', onContinue)
    signals.off('uncaughtExceptionMonitor', leave)
    signals.off('exit', leave)
  }
}

interface Keyboard {
  open(): void
  close(): void
}

/** Undefined when stdin is no terminal: nobody can type then, and what is there is not ours. */
function keyboardOf(context: Context, { onKeys }: ScreenEvents): Keyboard | undefined {
  if (context.env.TERM === 'dumb') return undefined
  const { stdin } = context
  if (!stdin.isTTY || stdin.setRawMode === undefined) return undefined
  const onData = (chunk: Buffer | string): void => onKeys(chunk.toString())
  return {
    open() {
      stdin.setRawMode?.(true)
      stdin.on('data', onData)
      stdin.resume()
    },
    close() {
      stdin.off('data', onData)
      stdin.pause()
      stdin.setRawMode?.(false)
    },
  }
}
