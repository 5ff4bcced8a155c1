import { join } from 'node:path'
import { printTable, quick, seconds } from './harness.mjs'
import { kibibytesEach } from './idle-memory.mjs'
import { load } from './load.mjs'
import { compareServers, peer, sockctl, withServers } from './servers.mjs'

const client = join(import.meta.dirname, 'ws-load.mjs')
const bare = join(import.meta.dirname, 'ws-echo.mjs')
const CONNECTIONS = quick ? 500 : 10_000

/** Echo over WebSocket, beside the package by which it is done, without sockctl around it. */
export async function bench() {
  const subjects = [
    sockctl('sockctl serve --ws', port => ['--ws', '--port', `${port}`]),
    { name: 'ws alone', kind: 'peer', command: port => [process.execPath, bare, `${port}`] },
    ...peer('websocat', port => ['websocat', '-E', '-b', `ws-l:127.0.0.1:${port}`, 'mirror:']),
  ]
  await withServers(subjects, async servers => {
    await compareServers(servers, {
      title: 'WebSocket echo, 50 connections x 64 B, each waiting for its answer',
      unit: 'per second',
      run: server => load(client, server, 'pingpong', 50, 64, seconds),
    })
    await compareServers(servers, {
      title: 'WebSocket echo, 4 connections x 64 KiB, 16 at a time',
      unit: 'per second',
      run: server => load(client, server, 'bulk', 4, 64 * 1024, seconds),
    })
  })
  const rows = []
  await withServers(subjects.slice(0, 2), async servers => {
    for (const server of servers) {
      const each = await kibibytesEach(client, server, CONNECTIONS)
      rows.push([server.name, each.toFixed(1)])
    }
  })
  printTable(`Memory, ${CONNECTIONS} idle WebSockets`, [['', 'KiB each'], ...rows])
}
