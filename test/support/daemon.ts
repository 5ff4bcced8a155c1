import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach } from 'vitest'
import { listenOnQuietPort } from './quiet-port.ts'

const running: ChildProcess[] = []

/** Ends what `startDaemon` started in a test. Called once at the top of a file. */
export function endDaemonsAfterEach(): void {
  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
}

/** Starts a server of somebody else in the foreground, and waits until it takes connections. */
export async function startDaemon(
  [file = '', ...args]: readonly string[],
  port: number,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', text => said.push(`${text}`))
  const deadline = performance.now() + 8000
  while (!(await answers(port))) {
    const isOver = child.exitCode !== null || performance.now() > deadline
    if (isOver) throw new Error(`${file} does not listen on ${port}: ${said.join('')}`)
    await delay(30)
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A port for a server that cannot be told to take any that is free. */
export async function portForDaemon(): Promise<number> {
  const server = createServer()
  const port = await listenOnQuietPort(server)
  await once(server.close(), 'close')
  return port
}
