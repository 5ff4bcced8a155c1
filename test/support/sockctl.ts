import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { within } from './deadline.ts'

const BIN = 'bin/sockctl.js'

export interface Outcome {
  /** As a shell shows it: 128 + n for signal n. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The built command as a process of its own. */
export class Sockctl {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''

  constructor(argv: readonly string[], options: SpawnOptions = {}) {
    const [file = '', ...args] = options.through ?? []
    const command = [process.execPath, BIN, ...argv]
    this.child =
      options.through === undefined
        ? spawn(process.execPath, [BIN, ...argv], { env: { ...process.env, ...options.env } })
        : spawn(file, [...args, ...command], { env: { ...process.env, ...options.env } })
    this.child.stdout?.on('data', chunk => {
      this.stdout += chunk
    })
    this.child.stderr?.on('data', chunk => {
      this.stderr += chunk
    })
  }

  /** Waits until a stream of it has said something; fails with what it said instead. */
  async says(
    stream: 'stdout' | 'stderr',
    pattern: RegExp,
    deadlineMs = 8000,
  ): Promise<RegExpExecArray> {
    const readable = this.child[stream] as Readable
    const waiting = async (): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(this[stream])
        if (match !== null) return match
        if (readable.readableEnded)
          throw new Error(`${stream} ended without ${pattern}: ${this.stderr}`)
        const settled = new AbortController()
        const options = { signal: settled.signal }
        await Promise.race([once(readable, 'data', options), once(readable, 'end', options)])
        settled.abort()
      }
    }
    return within(
      deadlineMs,
      () => `${stream} ${pattern} (so far: ${JSON.stringify(this[stream])}${this.stderr})`,
      waiting(),
    )
  }

  /** Waits for its end. */
  async outcome(deadlineMs = 10_000): Promise<Outcome> {
    const { child } = this
    if (child.exitCode === null && child.signalCode === null) {
      await within(deadlineMs, `the end of ${child.spawnargs.join(' ')}`, once(child, 'close'))
    }
    const signals: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
    const code = child.exitCode ?? 128 + (signals[child.signalCode ?? ''] ?? 0)
    return { code, stdout: this.stdout, stderr: this.stderr }
  }

  /** Stops it, if it still runs. For `afterEach`. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await once(this.child, 'close')
  }
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A command to run it by: `['sh', '-c', 'ulimit -n 64; exec "$@"', '-']`. */
  readonly through?: readonly string[]
}

/** Runs the built command to its end, with this on its stdin. */
export async function sockctl(
  argv: readonly string[],
  { stdin = '', ...options }: SpawnOptions & { readonly stdin?: string | Buffer } = {},
): Promise<Outcome> {
  const run = new Sockctl(argv, options)
  run.child.stdin?.on('error', () => {})
  run.child.stdin?.end(stdin)
  return run.outcome()
}

/** Starts `sockctl serve` and waits until it listens; tells the port. */
export async function startServe(
  argv: readonly string[],
  options: SpawnOptions = {},
): Promise<{ server: Sockctl; port: number }> {
  const server = new Sockctl(['serve', ...argv], options)
  const [, port] = await server.says('stderr', / on \w+:(?:\/\/\S+:(\d+))?/)
  return { server, port: Number(port) }
}

/** The same with --json, where the port is told on stdout. */
export async function startJsonServe(
  argv: readonly string[],
  options: SpawnOptions = {},
): Promise<{ server: Sockctl; port: number }> {
  const server = new Sockctl(['serve', ...argv, '--json'], options)
  const [, port] = await server.says('stdout', /"event":"listening".*?(?:"port":(\d+).*)?\n/)
  return { server, port: Number(port) }
}
