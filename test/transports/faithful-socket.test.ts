import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FaithfulSocket } from '../../src/transports/faithful-socket.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

async function connect(port: number): Promise<FaithfulSocket> {
  const socket = new FaithfulSocket({ allowHalfOpen: true })
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** What a socket goes through until it is closed, and how many bytes came. */
async function history(socket: Socket): Promise<{ bytes: number; events: string[] }> {
  let bytes = 0
  const events: string[] = []
  socket.on('data', chunk => {
    bytes += chunk.length
  })
  socket.on('end', () => events.push('end'))
  socket.on('error', error => events.push((error as NodeJS.ErrnoException).code ?? error.message))
  await within(5000, 'close', new Promise(resolve => socket.on('close', resolve)))
  return { bytes, events }
}

describe('FaithfulSocket', () => {
  it.each(['open', 'half-closed'])('tells a reset from an end on a side that is %s', async side => {
    const { port, accepted } = await tcpServer()
    const [peer, socket] = await Promise.all([accepted(), connect(port)])
    if (side === 'half-closed') {
      socket.end()
      peer.resume()
      await once(peer, 'end')
    }
    // Both at once: the reset is there before the data can be read.
    peer.write(Buffer.alloc(1000))
    peer.resetAndDestroy()
    expect(await history(socket)).toEqual({ bytes: 1000, events: ['ECONNRESET'] })
  })

  it('reads the answer before it reports that a write failed', async () => {
    const { port, accepted } = await tcpServer()
    const [peer, socket] = await Promise.all([accepted(), connect(port)])
    peer.write(Buffer.alloc(3000))
    peer.resetAndDestroy()
    // Fails at once: the reset is there. The answer is, too, and nobody has read it yet.
    socket.write('more')
    const { bytes, events } = await history(socket)
    expect(bytes).toBe(3000)
    expect(events.at(-1)).toMatch(/^(ECONNRESET|EPIPE)$/)
  })

  it('ends once, in good order, and keeps its own side open', async () => {
    const { port } = await tcpServer(peer => peer.end('bye'))
    const socket = await connect(port)
    let ends = 0
    socket.on('end', () => ends++)
    expect((await readAll(socket)).toString()).toBe('bye')
    expect(ends).toBe(1)
    expect(socket.writable).toBe(true)
    socket.destroy()
  })
})
