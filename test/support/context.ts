import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import type { Context, InputStream } from '../../src/cli/context.ts'
import { main } from '../../src/main.ts'

/** How a fake world differs from a plain pipe: no terminal, nothing on stdin, a clock that stands. */
export interface FakeWorld {
  /** stdout and stderr are terminals, this many columns wide. */
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  readonly platform?: NodeJS.Platform
  /** What comes on stdin, which ends after it. A stream stays under the test's control. */
  readonly stdin?: string | InputStream
  readonly now?: () => Date
}

export interface FakeContext extends Context {
  readonly stdout: CapturedStream
  readonly stderr: CapturedStream
  readonly signals: EventEmitter
  /** Makes stdout fail as it does when its reader leaves: `EPIPE`. */
  closeOutput(errno?: string): void
}

/** A world that keeps what is written to it. */
export function fakeContext(world: FakeWorld = {}): FakeContext {
  const output = new AbortController()
  return {
    stdin: inputOf(world.stdin ?? ''),
    stdout: new CapturedStream(world.columns),
    stderr: new CapturedStream(world.columns),
    env: world.env ?? {},
    platform: world.platform ?? process.platform,
    now: world.now ?? (() => new Date('2026-01-02T03:04:05.678Z')),
    signals: new EventEmitter(),
    outputClosed: output.signal,
    closeOutput: (errno = 'EPIPE') =>
      output.abort(Object.assign(new Error(`write ${errno}`), { code: errno })),
  }
}

/** Runs one command line to its end: `await run(['inspect', '-tln'])`. */
export async function run(
  argv: readonly string[],
  world: FakeWorld = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const context = fakeContext(world)
  const code = await main(argv, context)
  return { code, stdout: context.stdout.text, stderr: context.stderr.text }
}

/** A stream that keeps what is written, and can be waited on. */
export class CapturedStream extends Writable {
  readonly isTTY: boolean
  readonly columns?: number
  readonly #chunks: Buffer[] = []

  constructor(columns: number | undefined) {
    super()
    this.isTTY = columns !== undefined
    if (columns !== undefined) this.columns = columns
  }

  /** Everything written so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString()
  }

  /** Waits until what was written matches; fails after the deadline with what came instead. */
  async until(pattern: RegExp, deadlineMs = 5000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(deadlineMs)
    for (;;) {
      const match = pattern.exec(this.text)
      if (match !== null) return match
      if (deadline.aborted) throw new Error(`no ${pattern} within ${deadlineMs} ms:\n${this.text}`)
      await new Promise<void>(resolve => {
        const done = (): void => {
          this.off('written', done)
          deadline.removeEventListener('abort', done)
          resolve()
        }
        this.once('written', done)
        deadline.addEventListener('abort', done)
      })
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk)
    done()
    this.emit('written')
  }
}

function inputOf(stdin: string | InputStream): InputStream {
  if (typeof stdin !== 'string') return stdin
  const stream = new PassThrough()
  stream.end(stdin)
  return stream
}
