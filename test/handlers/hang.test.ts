import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hang } from '../../src/handlers/hang.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../support/serve-session.ts'

endSessionsAfterEach()

/** Bytes in the receive queue of a connection to a port, as the kernel shows it (proc_net_tcp). */
function receiveQueue(port: number, peerPort: number): number {
  const ends = [port, peerPort].map(one => one.toString(16).toUpperCase().padStart(4, '0'))
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local, remote, , queues] = line.trim().split(/\s+/)
    if (local?.endsWith(`:${ends[0]}`) && remote?.endsWith(`:${ends[1]}`)) {
      return Number.parseInt(queues?.split(':')[1] ?? '', 16)
    }
  }
  throw new Error('no such connection')
}

describe('hang', () => {
  it.runIf(process.platform === 'linux')('leaves what arrives in the receive queue', async () => {
    const server = await startSession(hang())
    const client = await dialRaw(server.port)
    await server.event('open')
    client.write(Buffer.alloc(1234))
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(receiveQueue(server.port, client.localPort ?? 0)).toBe(1234)
  })

  it('neither answers nor closes when the peer has ended, but ends with the session', async () => {
    const server = await startSession(hang())
    const client = await dialRaw(server.path)
    const events: string[] = []
    client.on('data', () => events.push('data')).on('end', () => events.push('end'))
    client.end('hello?')
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(events).toEqual([])
    expect(server.session.openCount).toBe(1)
    server.session.abandon()
    await server.session.over
    expect(await server.event('close')).toMatchObject({ how: 'stop' })
  })
})
