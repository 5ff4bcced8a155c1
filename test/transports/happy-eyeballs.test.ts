import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import { errnoOf } from '../../src/errors.ts'
import { connectToFirst } from '../../src/transports/happy-eyeballs.ts'
import type { DialAttempt } from '../../src/transports/types.ts'
import { endStoppedServersAfterEach, stoppedServer } from '../support/stopped-server.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()
endStoppedServersAfterEach()

const onLinux = process.platform === 'linux'

/** A port that nobody listens on. */
async function freePort(host = '127.0.0.1'): Promise<number> {
  const { port, server } = await tcpServer(undefined, { host })
  await new Promise(resolve => server.close(resolve))
  return port
}

function outcomes(attempts: readonly DialAttempt[]): string[] {
  return attempts.map(({ error }) => (error === undefined ? 'ok' : (errnoOf(error) ?? error.name)))
}

describe('connectToFirst', () => {
  it('goes on to the next address as soon as one refuses', async () => {
    const { port } = await tcpServer()
    const attempts: DialAttempt[] = []
    const startedAt = performance.now()
    const socket = await connectToFirst(
      [inetAddress('127.0.0.1', await freePort()), inetAddress('127.0.0.1', port)],
      { onAttempt: one => attempts.push(one) },
    )
    expect(performance.now() - startedAt).toBeLessThan(200)
    expect(outcomes(attempts)).toEqual(['ECONNREFUSED', 'ok'])
    expect(socket.remotePort).toBe(port)
    socket.destroy()
  })

  it.skipIf(!onLinux)('tries the next address when one is silent for 250 ms', async () => {
    const silent = await stoppedServer('127.0.0.1')
    const { port } = await tcpServer()
    const startedAt = performance.now()
    const attempts: DialAttempt[] = []
    const socket = await connectToFirst(
      [inetAddress('127.0.0.1', silent.port), inetAddress('127.0.0.1', port)],
      { onAttempt: one => attempts.push(one) },
    )
    expect(performance.now() - startedAt).toBeGreaterThan(240)
    expect(outcomes(attempts)).toEqual(['ok', 'AbortError'])
    expect(socket.remotePort).toBe(port)
    socket.destroy()
  })

  it.skipIf(!onLinux)('does not give a slow address up while others refuse', async () => {
    const slow = await stoppedServer('127.0.0.1')
    const racing = connectToFirst(
      [inetAddress('127.0.0.1', slow.port), inetAddress('127.0.0.1', await freePort())],
      { onAttempt: ({ error }) => error && slow.resume() },
    )
    const socket: Socket = await racing
    expect(socket.remotePort).toBe(slow.port)
    socket.destroy()
  })

  it('rejects with what each address said, in order', async () => {
    const addresses = [
      inetAddress('127.0.0.1', await freePort()),
      inetAddress('::1', await freePort('::1')),
    ]
    const failure = await connectToFirst(addresses, {}).catch(error => error)
    expect(failure).toBeInstanceOf(AggregateError)
    expect(failure.errors.map(errnoOf)).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
  })

  it.skipIf(!onLinux)('stops when it is told to, and says what was still tried', async () => {
    const silent = await stoppedServer('127.0.0.1')
    const attempts: DialAttempt[] = []
    const racing = connectToFirst([inetAddress('127.0.0.1', silent.port)], {
      signal: AbortSignal.timeout(50),
      onAttempt: one => attempts.push(one),
    })
    await expect(racing).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }))
    expect(outcomes(attempts)).toEqual(['TimeoutError'])
  })

  it('does not take a connection to itself for a server', async () => {
    const port = await freePort()
    const racing = connectToFirst([inetAddress('127.0.0.1', port)], {
      localHost: '127.0.0.1',
      localPort: port,
    })
    await expect(racing).rejects.toThrow('the connection met itself')
  })

  it('leaves no listener of its own on the socket', async () => {
    const { port } = await tcpServer()
    const socket = await connectToFirst([inetAddress('127.0.0.1', port)], {})
    expect(socket.listenerCount('error')).toBe(0)
    expect(socket.listenerCount('connect')).toBe(0)
    socket.destroy()
  })
})
