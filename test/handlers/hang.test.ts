import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hang } from '../../src/handlers/hang.ts'
import { hexdump } from '../../src/layers/hexdump.ts'
import { idleTimeout } from '../../src/layers/idle-timeout.ts'
import type { Layer } from '../../src/layers/types.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  openDescriptors,
  startSession,
} from '../support/serve-session.ts'

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

  // It is looked for them every two seconds.
  it.runIf(process.platform === 'linux').each<[string, readonly Layer[]]>([
    ['as they are', []],
    ['with layers', [hexdump(() => {})]],
    ['with an idle limit', [idleTimeout(60_000)]],
  ])('frees the descriptors of peers that have broken off, %s', async (_, layers) => {
    const server = await startSession(hang(), { layers })
    const before = openDescriptors()
    const clients = await Promise.all(Array.from({ length: 50 }, () => dialRaw(server.port)))
    await server.event('open', 50)
    // More than a stream takes in before it stops to read.
    for (const [index, client] of clients.entries()) client.write(Buffer.alloc(index * 5000))
    await expect.poll(() => clients.every(one => one.writableLength === 0)).toBe(true)
    for (const client of clients) client.resetAndDestroy()
    await server.event('close', 50)
    const endings = server.events.filter(one => one.event === 'close').map(one => one.how)
    expect(new Set(endings)).toEqual(new Set(['rst']))
    await expect.poll(openDescriptors).toBe(before)
  })

  it('counts no look after the peer as activity', async () => {
    const server = await startSession(hang(), { layers: [idleTimeout(2500)] })
    await dialRaw(server.port)
    // Two looks later it would not be over yet.
    const { how, durationMs } = await server.event('close')
    expect(how).toBe('timeout')
    expect(durationMs).toBeLessThan(4000)
  })
})
