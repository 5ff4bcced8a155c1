import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { within } from '../support/deadline.ts'
import { hasPeer } from '../support/peers.ts'
import { type Sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

const MIB = 1024 * 1024

/** The most memory that a process has had at a time (proc_pid_status(5)). */
function peakBytes(pid: number): number {
  const [, kib] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

async function send(socket: Socket, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  const block = randomBytes(MIB)
  for (let sent = 0; sent < bytes; sent += block.length) {
    block.writeUInt32LE(sent / MIB)
    const chunk = Buffer.from(block)
    hash.update(chunk)
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
  socket.end()
  return hash.digest('hex')
}

async function receive(socket: Socket): Promise<string> {
  const hash = createHash('sha256')
  socket.on('data', chunk => hash.update(chunk))
  await once(socket, 'end')
  return hash.digest('hex')
}

/** How each client is told to half-close at the end of its input and read on. */
const CLIENTS = {
  'nc.openbsd': ['-N', '127.0.0.1'],
  ncat: ['127.0.0.1'],
} as const

describe('join, between clients that half-close and a server that takes its time,', () => {
  for (const [name, args] of Object.entries(CLIENTS)) {
    it.skipIf(!hasPeer(name))(`keeps the late answer (${name})`, async () => {
      // Longer than socat waits, and than a relay made of two ncat.
      const target = await tcpServer(socket => {
        socket.resume().on('end', () => setTimeout(() => socket.end('late answer'), 1200))
      })
      const { server, port } = await startServe([
        '--forward',
        `127.0.0.1:${target.port}`,
        '-p',
        '0',
      ])
      running.push(server)
      const client = spawn(name, [...args, String(port)])
      client.stdin.end('question')
      const answer = await within(8000, 'answer', text(client.stdout))
      expect(answer).toBe('late answer')
    })
  }
})

describe.runIf(process.platform === 'linux')('join', () => {
  it('carries 256 MiB in both directions at once in bounded memory', async () => {
    const target = await tcpServer()
    const { server, port } = await startServe(['--forward', `127.0.0.1:${target.port}`, '-p', '0'])
    running.push(server)
    const pid = server.child.pid ?? 0
    const before = peakBytes(pid)
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const upstream = await target.accepted()
    const transfer = Promise.all([
      send(client, 256 * MIB),
      receive(upstream),
      send(upstream, 256 * MIB),
      receive(client),
    ])
    const [sentUp, gotUp, sentDown, gotDown] = await within(60_000, 'transfer', transfer)
    expect([gotUp, gotDown]).toEqual([sentUp, sentDown])
    expect(peakBytes(pid) - before).toBeLessThan(128 * MIB)
  }, 70_000)
})
