import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './deadline.ts'
import { hasPeer } from './peers.ts'

/** A network namespace of its own, with a name, in which a process listens. */
export interface NamedNetwork {
  readonly name: string
  readonly pid: number
  readonly port: number
  close(): Promise<void>
}

/** Whether this machine and user can make one: skip by name without it. */
export const canNameNetworks =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  ['ip', 'python3', 'setpriv'].every(hasPeer) &&
  mayAdd()

const LISTENER = `
import socket, sys
door = socket.create_server(('127.0.0.1', 0))
print(door.getsockname()[1], flush=True)
sys.stdin.read()
`

/** Makes a namespace, starts its loopback interface, and a process that listens there. */
export async function namedNetwork(name: string): Promise<NamedNetwork> {
  execFileSync('ip', ['netns', 'add', name])
  let child: ChildProcess | undefined
  const close = async (): Promise<void> => {
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, 'close')
      child.stdin?.end()
      await within(5000, 'the end of the listener', ended)
    }
    execFileSync('ip', ['netns', 'del', name])
  }
  try {
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
    // ip(8) becomes the command, so that the pid is the listener's.
    const started = spawn('ip', ['netns', 'exec', name, 'python3', '-c', LISTENER], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child = started
    const [port] = await within(8000, 'a port', once(createInterface(started.stdout), 'line'))
    return { name, pid: started.pid ?? 0, port: Number(port), close }
  } catch (error) {
    await close()
    throw error
  }
}

function mayAdd(): boolean {
  const name = `sockctl-may-${process.pid}`
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' })
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
