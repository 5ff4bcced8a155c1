import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'
import { hasSocketsInStates } from './sockets-in-states.ts'

/** A network namespace of its own in which sockets pile up: see `test/fixtures/piles.py`. */
export interface TroubledNetwork {
  /** Ports of listeners, and the pids of who holds them. */
  readonly leaky: number
  readonly leakyPid: number
  readonly hung: number
  readonly hungPid: number
  readonly server: number
  readonly serverPid: number
  /** Who makes the connections. */
  readonly clientPid: number
  /** What to put before a command so that it runs in there. */
  readonly inside: readonly string[]
  /** Does what a line says, as in the fixture: `leak 30`. */
  make(line: string): Promise<void>
  close(): Promise<void>
}

/** Whether this machine has all that it needs: skip by name without it. */
export const hasTroubledNetwork = hasSocketsInStates

const isRoot = process.getuid?.() === 0

export async function troubledNetwork(): Promise<TroubledNetwork> {
  const options = isRoot ? ['-n'] : ['-rn']
  const child = spawn('unshare', [...options, 'python3', 'test/fixtures/piles.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (what: string): Promise<string> =>
    (await within(20_000, what, lines.next())).value
  const facts = JSON.parse(await next('the network'))
  const enter = isRoot ? ['-n'] : ['-U', '--preserve-credentials', '-n']
  return {
    ...facts,
    inside: ['nsenter', '-t', `${child.pid}`, ...enter],
    async make(line) {
      child.stdin.write(`${line}\n`)
      const answer = await next(`the answer to ${line}`)
      if (answer !== `done ${line}`) throw new Error(`${answer} in place of done ${line}`)
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'close')
      child.stdin.end()
      await within(5000, 'the end of the network', ended)
    },
  }
}
