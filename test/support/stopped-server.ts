import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach } from 'vitest'

/** listen(2) with a queue of one: Linux lets one more in. */
const BACKLOG = 1
const QUEUE_LENGTH = BACKLOG + 1

const SCRIPT = `
const server = require('node:net').createServer()
const [where] = process.argv.slice(1)
const path = where.startsWith('/') ? { path: where } : { host: where, port: 0 }
server.listen({ ...path, backlog: ${BACKLOG} }, () => console.log(server.address().port ?? 0))
`

const running: { child: ChildProcess; fillers: readonly Socket[] }[] = []

export function endStoppedServersAfterEach(): void {
  afterEach(async () => {
    for (const { child, fillers } of running.splice(0)) {
      for (const one of fillers) one.destroy()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    }
  })
}

/**
 * A server that was stopped (SIGSTOP) and whose accept queue is full. The next connection finds
 * nobody who answers: a SYN is dropped, a connect(2) to a unix socket would block.
 *
 * @param where an address, or the path of a unix socket
 */
export async function stoppedServer(
  where: string,
): Promise<{ readonly port: number; resume(): void }> {
  const child = spawn(process.execPath, ['-e', SCRIPT, where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const port = Number(line)
  child.kill('SIGSTOP')
  const fillers: Socket[] = []
  running.push({ child, fillers })
  for (let i = 0; i < QUEUE_LENGTH; i++) {
    const socket = where.startsWith('/') ? connect(where) : connect(port, where)
    socket.on('error', () => {})
    fillers.push(socket)
    await once(socket, 'connect')
  }
  return { port, resume: () => child.kill('SIGCONT') }
}
