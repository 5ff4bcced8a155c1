import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'
import { hasSocketsInStates } from './sockets-in-states.ts'

/** A network namespace of its own with nothing in it but the loopback: every port is there to take. */
export interface OwnNetwork {
  /** What to put before a command so that it runs in there. */
  readonly inside: readonly string[]
  close(): Promise<void>
}

/** Whether this machine and user can make one: skip by name without it. */
export const hasOwnNetwork = hasSocketsInStates && process.getuid?.() === 0

export async function ownNetwork(): Promise<OwnNetwork> {
  const script = 'ip link set lo up && echo ready && cat >/dev/null'
  const child = spawn('unshare', ['-n', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await within(8000, 'a network', once(createInterface(child.stdout), 'line'))
  return {
    inside: ['nsenter', '-t', `${child.pid}`, '-n'],
    async close() {
      const ended = once(child, 'close')
      child.stdin.end()
      await within(5000, 'the end of the network', ended)
    },
  }
}
