import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { adopt, FrugalSocket } from '../../src/transports/frugal-socket.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

/** A socket of ours and the peer at its other end. */
async function pair(): Promise<{ socket: FrugalSocket; peer: Socket }> {
  const { port, accepted } = await tcpServer()
  const socket = new FrugalSocket({ allowHalfOpen: true })
  socket.connect(port, '127.0.0.1')
  const [peer] = await Promise.all([accepted(), once(socket, 'connect')])
  return { socket, peer }
}

/** What a socket is given until the peer has ended, each chunk as it is at the end. */
async function chunksOf(socket: FrugalSocket): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await within(5000, 'end', once(socket, 'end'))
  return chunks
}

/** Every byte differs from those near it, and from those of another seed. */
function pattern(size: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * seed) % 251))
}

describe('FrugalSocket', () => {
  it('is a stream whose chunks stay what they are, whatever other sockets read', async () => {
    const pairs = await Promise.all(Array.from({ length: 5 }, pair))
    const transfers = pairs.map(async ({ socket, peer }, index) => {
      const sent = pattern(1_000_000, index + 2)
      peer.end(sent)
      return { sent, chunks: await chunksOf(socket) }
    })
    for (const { sent, chunks } of await Promise.all(transfers)) {
      expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    }
  })

  it('gives what arrives to whoever receives, what came before first', async () => {
    const { socket, peer } = await pair()
    peer.write('one ')
    await once(socket, 'readable')
    const chunks: Buffer[] = []
    socket.receive(chunk => {
      chunks.push(Buffer.from(chunk))
      return true
    })
    await new Promise(resolve => peer.write('two ', resolve))
    peer.end(pattern(3_000_000, 7))
    await within(5000, 'end', once(socket, 'end'))
    const expected = Buffer.concat([Buffer.from('one two '), pattern(3_000_000, 7)])
    expect(Buffer.concat(chunks).equals(expected)).toBe(true)
    expect(socket.bytesRead).toBe(expected.length)
  })

  it.skipIf(process.platform === 'win32')(
    'lends memory that stays as it is until it is resumed',
    async () => {
      const [first, second] = await Promise.all([pair(), pair()])
      const { socket, peer } = first
      let lent: Buffer | undefined
      const borrowed = new Promise<void>(resolve => {
        socket.receive((chunk, isLent) => {
          if (!isLent) return true
          lent = chunk
          resolve()
          return false
        })
      })
      peer.write(Buffer.alloc(16 * 1024 * 1024, 'a'))
      await within(5000, 'a chunk that is lent', borrowed)
      expect(socket.isPaused()).toBe(true)
      // Others come and go meanwhile.
      second.socket.receive(() => true)
      second.peer.end(Buffer.alloc(4 * 1024 * 1024, 'b'))
      await within(5000, 'end', once(second.socket, 'end'))
      expect(lent?.every(byte => byte === 'a'.charCodeAt(0))).toBe(true)
      const before = socket.bytesRead
      let rest = 0
      socket.receive(chunk => {
        rest += chunk.length
        return true
      })
      socket.resume()
      peer.end()
      await within(5000, 'end', once(socket, 'end'))
      expect(rest).toBe(16 * 1024 * 1024 - before)
    },
  )

  it('reads nothing while it is paused', async () => {
    const { socket, peer } = await pair()
    let chunks = 0
    socket.receive(() => ++chunks > 1)
    peer.write('x')
    await within(5000, 'pause', once(socket, 'pause'))
    await new Promise<void>(resolve => peer.end('y', resolve))
    expect(chunks).toBe(1)
    const ended = once(socket, 'end')
    socket.resume()
    await within(5000, 'end', ended)
    expect(chunks).toBe(2)
  })
})

describe.skipIf(process.platform === 'win32')('adopt', () => {
  it('takes an accepted connection over, and leaves its server nothing to wait for', async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const adopted = new Promise<Socket>(resolve => {
      server.on('connection', accepted => resolve(adopt(accepted)))
    })
    const client = new FrugalSocket({ allowHalfOpen: true })
    client.connect(port, '127.0.0.1')
    const socket = await adopted
    expect(socket).toBeInstanceOf(FrugalSocket)
    expect([socket.remotePort, socket.localPort]).toEqual([client.localPort, port])
    server.close()
    await within(5000, 'close of the server', once(server, 'close'))
    client.end('question')
    expect(String(await readAll(socket))).toBe('question')
    socket.end('late answer')
    expect(String(await readAll(client))).toBe('late answer')
  })

  it('leaves a socket without a handle as it is', () => {
    const socket = new FrugalSocket({})
    expect(adopt(socket)).toBe(socket)
  })
})
