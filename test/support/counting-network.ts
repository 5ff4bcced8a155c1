import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'
import { hasSocketsInStates } from './sockets-in-states.ts'

/** Something that the kernel counts: see `test/fixtures/counters.py`. */
export type CountedEvent = 'overflow' | 'no-port' | 'abort'

/** A network namespace of its own in which such things happen when they are asked for. */
export interface CountingNetwork {
  readonly pid: number
  /** What to put before a command so that it runs in there. */
  readonly inside: readonly string[]
  happen(event: CountedEvent): Promise<void>
  close(): Promise<void>
}

/** Whether this machine has all that it needs: skip by name without it. */
export const hasCountingNetwork = hasSocketsInStates

const isRoot = process.getuid?.() === 0

export async function countingNetwork(): Promise<CountingNetwork> {
  const options = isRoot ? ['-n'] : ['-rn']
  const child = spawn('unshare', [...options, 'python3', 'test/fixtures/counters.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (expected: string): Promise<void> => {
    const { value } = await within(5000, expected, lines.next())
    if (value !== expected) throw new Error(`${value} in place of ${expected}`)
  }
  await next('ready')
  const enter = isRoot ? ['-n'] : ['-U', '--preserve-credentials', '-n']
  return {
    pid: child.pid ?? 0,
    inside: ['nsenter', '-t', `${child.pid}`, ...enter],
    async happen(event) {
      child.stdin.write(`${event}\n`)
      await next(`done ${event}`)
    },
    close: () => ended(child),
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.stdin?.end()
  await within(5000, 'the end of the network', once(child, 'close'))
}
