import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'

/** One trouble with sockets, in a network namespace of its own: see `test/fixtures/troubles.py`. */
export interface Trouble {
  readonly pid: number
  /** What to put before a command so that it runs in there. */
  readonly inside: readonly string[]
  /** Ends it, sockets and all. */
  close(): Promise<void>
}

/** Makes a trouble; it is there when this settles. Needs root, for its own settings and firewall. */
export async function trouble(name: string): Promise<Trouble> {
  // exec keeps the number of the process, so that what is said of it can be compared.
  const child = spawn('unshare', ['-n', 'python3', 'test/fixtures/troubles.py', name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await within(12_000, `the trouble ${name}`, firstLine(child)).catch(async error => {
    await close(child)
    throw error
  })
  const pid = child.pid ?? 0
  return { pid, inside: ['nsenter', '-t', `${pid}`, '-n'], close: () => close(child) }
}

async function firstLine({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('the trouble has no output')
  for await (const line of createInterface(stdout)) {
    if (line === 'ready') return
  }
  throw new Error('the trouble could not be made')
}

/** It ends when its stdin does; if it hangs, it is killed. */
async function close(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.stdin?.end()
  await within(5000, 'the end of the trouble', ended).catch(async error => {
    child.kill('SIGKILL')
    await ended
    throw error
  })
}
