import type { Readable, Writable } from 'node:stream'

/**
 * The world of one run: everything outside that a command may touch. Tests replace it whole.
 * stdout carries data (the peer's bytes, records); everything said to a person goes to stderr.
 */
export interface Context {
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  now(): Date
  /** Where stop signals arrive: the process itself, outside of tests. */
  readonly signals: SignalSource
  /**
   * Aborted when stdout takes no more: its reader has left (`| head -1`) or the disk is full. The
   * reason is the error. A command stops then; `main` decides what it means for the exit code.
   */
  readonly outputClosed: AbortSignal
}

export type InputStream = Readable & {
  readonly isTTY?: boolean
  /** Only terminals: hands every key over at once, and shows none. */
  setRawMode?(mode: boolean): unknown
}

/** `columns` and `rows` only where it is a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface SignalSource {
  on(signal: string, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: string, listener: (signal: NodeJS.Signals) => void): unknown
}

/** The real world. `process.stdin` is opened only when somebody reads it. */
export function processContext(): Context {
  const output = new AbortController()
  process.stdout.on('error', error => output.abort(error))
  // Nobody is left to be told.
  process.stderr.on('error', () => {})
  return {
    get stdin() {
      return process.stdin
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    platform: process.platform,
    now: () => new Date(),
    signals: process,
    outputClosed: output.signal,
  }
}
