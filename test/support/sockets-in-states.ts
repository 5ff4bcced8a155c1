import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { SocketState } from '../../src/inspect/types.ts'
import { within } from './deadline.ts'
import { hasPeer } from './peers.ts'

/** What `test/fixtures/sockets.py` says of a socket that it made. */
export interface MadeSocket {
  readonly state: SocketState
  readonly port?: number
  readonly path?: string
  /** Undefined: no process holds it. */
  readonly inode?: number
  readonly fd?: number
  /** Held by this process instead of the fixture's. */
  readonly pid?: number
  readonly alsoHeldBy?: number
}

/** A network namespace of its own with sockets in every state, by name: see the fixture. */
export interface SocketsInStates {
  readonly pid: number
  readonly sockets: Readonly<Record<string, MadeSocket>>
  /** Those of less usual protocols, as far as this kernel has them. */
  readonly others: Readonly<Record<string, Omit<MadeSocket, 'state'>>>
  /** What to put before a command so that it runs in there: `[...inside, 'ss', '-tan']`. */
  readonly inside: readonly string[]
  /** Ends it, sockets and all. */
  close(): Promise<void>
}

const isRoot = process.getuid?.() === 0

/** Others than root get a network of their own only together with users of their own. */
const NEW_NAMESPACE = isRoot ? ['-n'] : ['-rn']
const ENTER = isRoot ? ['-n'] : ['-U', '--preserve-credentials', '-n']

/** Whether this machine has all that `socketsInStates` needs: skip by name without it. */
export const hasSocketsInStates =
  process.platform === 'linux' &&
  ['python3', 'unshare', 'nsenter', 'ip'].every(hasPeer) &&
  mayUnshare()

/** Makes sockets in every state that there is. It takes about a second. */
export async function socketsInStates(): Promise<SocketsInStates> {
  const child = spawn('unshare', [...NEW_NAMESPACE, 'python3', 'test/fixtures/sockets.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const line = await within(15_000, 'the sockets', firstLine(child)).catch(async error => {
    await close(child)
    throw error
  })
  const { pid, sockets, others } = JSON.parse(line)
  const inside = ['nsenter', '-t', `${pid}`, ...ENTER]
  return { pid, sockets, others, inside, close: () => close(child) }
}

function mayUnshare(): boolean {
  try {
    execFileSync('unshare', [...NEW_NAMESPACE, 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the sockets have no output')
  for await (const line of createInterface(stdout)) return line
  throw new Error('the sockets could not be made')
}

/** It ends when its stdin does; if it hangs, it is killed. */
async function close(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.stdin?.end()
  await within(5000, 'the end of the sockets', ended).catch(async error => {
    child.kill('SIGKILL')
    await ended
    throw error
  })
}
