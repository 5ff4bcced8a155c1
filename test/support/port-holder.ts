import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach } from 'vitest'
import { within } from './deadline.ts'

/** A process of its own that holds a port, or whatever else its script does. */
export interface PortHolder {
  readonly pid: number
  /** What the script printed first, as numbers. */
  readonly numbers: readonly number[]
  readonly port: number
  readonly child: ChildProcess
  readonly isRunning: boolean
  /** Settles when it has ended, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>
}

const running: ChildProcess[] = []

/** Ends what `holdPort` has started, when a test is over. */
export function endPortHoldersAfterEach(): void {
  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const closed = once(child, 'exit')
      child.stdin?.destroy()
      child.kill('SIGKILL')
      await closed
    }
  })
}

/** Listens on a free port of 127.0.0.1 and prints it. */
export const LISTEN = `
const server = require('node:net').createServer(socket => socket.on('error', () => {}).resume())
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(server.address().port))
`

/**
 * Starts a process and waits for the first line that it prints.
 *
 * @param command the words, or a script for node
 */
export async function holdPort(
  command: string | readonly string[] = LISTEN,
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<PortHolder> {
  const words = typeof command === 'string' ? [process.execPath, '-e', command] : command
  const [file = '', ...args] = words
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  running.push(child)
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null)
  const [line] = await within(8000, 'a port', once(createInterface(child.stdout), 'line'))
  const numbers = String(line).split(' ').map(Number)
  return {
    pid: child.pid ?? 0,
    numbers,
    port: numbers[0] ?? 0,
    child,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null
    },
    ended,
  }
}
