import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compile, printTable, quick } from './harness.mjs'
import { load } from './load.mjs'
import { sockctl, withServers } from './servers.mjs'

const CONNECTIONS = quick ? 1000 : 10_000
/** What a server needs beside them. */
const OTHER_FILES = 100

/** What each of 10,000 idle connections takes of the server's memory, and whether it still accepts. */
export async function bench() {
  const client = compile('load-client')
  if (client === undefined) return
  if ((await maxFiles()) < CONNECTIONS + OTHER_FILES) {
    return console.log(`skipped: idle-memory needs ulimit -Hn of ${CONNECTIONS + OTHER_FILES}`)
  }
  const pipe = join(import.meta.dirname, 'pipe-echo.mjs')
  const subjects = [
    sockctl('sockctl serve', port => ['--port', `${port}`]),
    { name: 'socket.pipe(socket) in Node', command: port => [process.execPath, pipe, `${port}`] },
  ]
  const rows = []
  await withServers(subjects, async servers => {
    for (const server of servers) {
      const { name, kind } = server
      const each = await kibibytesEach(client, server, CONNECTIONS)
      const target = each <= 8 ? '≤ 8 KiB met' : '≤ 8 KiB missed'
      rows.push([name, each.toFixed(1), kind === 'sockctl' ? target : ''])
    }
  })
  printTable(`Memory, ${CONNECTIONS} idle connections`, [['', 'KiB each', 'target'], ...rows])
}

/** What each connection that is held and says nothing takes of a server's memory. */
export async function kibibytesEach(client, server, connections) {
  // What the first connections load and compile is not theirs alone.
  await load(client, server, 'pingpong', 100, 64, 0.2)
  const before = await residentKibibytes(server.pid)
  const holder = spawn(client, ['hold', server.port, connections], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    await Promise.race([once(holder.stdout, 'data'), ended(holder)])
    // Answered after all the others have been accepted.
    await load(client, server, 'pingpong', 1, 64, 0.01)
    return ((await residentKibibytes(server.pid)) - before) / connections
  } finally {
    holder.kill()
  }
}

async function ended(child) {
  const [code] = await once(child, 'exit')
  throw new Error(`the load client ended with ${code}`)
}

async function residentKibibytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1])
}

async function maxFiles() {
  const limits = await readFile('/proc/self/limits', 'utf8')
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)[1])
}
