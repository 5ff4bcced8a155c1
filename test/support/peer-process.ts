import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach } from 'vitest'
import { within } from './deadline.ts'

const peers: ChildProcessWithoutNullStreams[] = []

/** Kills what `startPeer` started in a test. Called once at the top of a file. */
export function killPeersAfterEach(): void {
  afterEach(async () => {
    for (const child of peers.splice(0)) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    }
  })
}

/** A program of somebody else's that runs beside a test. */
export interface Peer {
  readonly child: ChildProcessWithoutNullStreams
  /** All that it has printed on stdout, when it has ended. */
  readonly received: Promise<string>
  /** Waits until it has said something, on stdout or stderr. */
  says(pattern: RegExp): Promise<void>
  /** What it has said so far, on both. */
  said(): string
}

/** Starts a program of somebody else's; where it is a server, waits until it says that it listens. */
export async function startPeer(command: readonly string[], ready?: RegExp): Promise<Peer> {
  const [file = '', ...args] = command
  const child = spawn(file, args)
  peers.push(child)
  child.stdin.on('error', () => {})
  let stdout = ''
  let said = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  const received = once(child, 'close').then(() => stdout)
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) {
    stream.on('data', chunk => {
      said += chunk
    })
  }
  const says = (pattern: RegExp): Promise<void> => {
    const look = new Promise<void>(resolve => {
      const check = (): void => {
        if (pattern.test(said)) resolve()
      }
      check()
      for (const stream of streams) stream.on('data', check)
    })
    return within(8000, `${file}: ${pattern}`, look).catch(error => {
      throw new Error(`${error.message}; it said: ${said}`)
    })
  }
  if (ready !== undefined) await says(ready)
  return { child, received, says, said: () => said }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await once(server.close(), 'close')
  return port
}
