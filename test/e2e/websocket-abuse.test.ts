import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { within } from '../support/deadline.ts'
import { dialRaw, endSessionsAfterEach } from '../support/serve-session.ts'
import { type Sockctl, startServe } from '../support/sockctl.ts'

endSessionsAfterEach()
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

const HANDSHAKE =
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

async function serve(...argv: readonly string[]) {
  const started = await startServe(['--ws', ...argv])
  running.push(started.server)
  return started
}

/** One who behaves is answered. */
async function isWell(port: number): Promise<void> {
  const peer = new WebSocket(`ws://127.0.0.1:${port}`)
  await within(3000, 'a handshake', once(peer, 'open'))
  peer.send('still there?')
  const [data] = await within(3000, 'an echo', once(peer, 'message'))
  expect(`${data}`).toBe('still there?')
  peer.close()
}

/** Sends it, and waits until the server has hung up. */
async function send(port: number, ...parts: readonly (string | Buffer)[]): Promise<void> {
  const socket = await dialRaw(port)
  const closed = closeOf(socket)
  for (const part of parts) socket.write(part)
  socket.end()
  await within(8000, 'the end', closed)
}

function residentMebibytes({ child }: Sockctl): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
}

describe('a WebSocket server of serve', () => {
  it('outlives whatever comes in place of a handshake', async () => {
    const { port } = await serve()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
        await send(port, Buffer.from(bytes))
      }),
      { numRuns: 60 },
    )
    await send(port, HANDSHAKE.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(1024 * 1024)}\r\n\r\n`))
    await isWell(port)
  }, 60_000)

  it('outlives whatever comes in place of frames', async () => {
    const { port } = await serve()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }),
        async parts => {
          await send(port, HANDSHAKE, ...parts.map(part => Buffer.from(part)))
        },
      ),
      { numRuns: 60 },
    )
    await isWell(port)
  }, 60_000)

  it('gives no room to a message of endless fragments', async () => {
    const { server, port } = await serve()
    const first = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x78])
    const more = Buffer.concat(
      Array.from({ length: 100_000 }, () => Buffer.from([0, 0x80, 0, 0, 0, 0])),
    )
    await send(port, HANDSHAKE, first, more)
    await server.says('stderr', /Too many message fragments \(1008\)/)
    await isWell(port)
  })

  it('answers while 1,000 others have not finished their handshake, and lets them go', async () => {
    const { server, port } = await serve('--handshake-timeout', '2')
    const before = residentMebibytes(server)
    const sockets = []
    for (let made = 0; made < 1000; made += 100) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => dialRaw(port)))))
    }
    const closed = sockets.map(closeOf)
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
    await isWell(port)
    expect(residentMebibytes(server) - before).toBeLessThan(64)
    await within(10_000, 'the end of all of them', Promise.all(closed))
    await server.says('stderr', /no handshake in 2\.0 s/)
    await isWell(port)
  }, 30_000)

  it('holds a peer back that does not read, in little memory', async () => {
    const { server, port } = await serve()
    const socket = await dialRaw(port)
    socket.pause()
    socket.write(HANDSHAKE)
    const before = residentMebibytes(server)
    const mask = Buffer.alloc(4)
    const size = Buffer.alloc(8)
    size.writeBigUInt64BE(65_536n)
    const frame = Buffer.concat([Buffer.from([0x82, 0xff]), size, mask, randomBytes(65_536)])
    let isTaken = true
    for (let sent = 0; isTaken && sent < 2000; sent++) {
      isTaken = socket.write(frame) || (await drains(socket))
    }
    expect(isTaken).toBe(false)
    expect(residentMebibytes(server) - before).toBeLessThan(48)
    await isWell(port)
  })
})

/** In good order or not. */
function closeOf(socket: Socket): Promise<unknown> {
  return new Promise(resolve => socket.resume().once('close', resolve))
}

/** Whether it takes more within half a second. */
async function drains(socket: Socket): Promise<boolean> {
  return within(500, 'room', once(socket, 'drain')).then(
    () => true,
    () => false,
  )
}
