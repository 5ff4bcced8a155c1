import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { parseEndpoint } from '../../src/endpoint/parse.ts'
import type { Endpoint } from '../../src/endpoint/types.ts'
import { checkPorts, type PortResult } from '../../src/session/port-check.ts'
import { within } from '../support/deadline.ts'
import { endStoppedServersAfterEach, stoppedServer } from '../support/stopped-server.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()
endStoppedServersAfterEach()

const onLinux = process.platform === 'linux'

async function refusingPort(): Promise<number> {
  const { port, server } = await tcpServer()
  await once(server.close(), 'close')
  return port
}

async function check(texts: readonly string[], parallel = 64, timeoutMs = 5000) {
  const told: Endpoint[] = []
  const results = await checkPorts(
    texts.map(text => parseEndpoint(text)),
    { dial: { timeoutMs }, parallel, onResult: one => told.push(one.endpoint) },
  )
  return { told, results }
}

const codes = (results: readonly PortResult[]) => results.map(one => one.error?.code)

describe('checkPorts', () => {
  it('tells who listens, and leaves without a byte', async () => {
    const { port, accepted } = await tcpServer()
    const [peer, { results }] = await Promise.all([
      accepted(),
      check([`127.0.0.1:${port}`, `127.0.0.1:${await refusingPort()}`]),
    ])
    expect(codes(results)).toEqual([undefined, 'ERR_REFUSED'])
    peer.resume()
    await within(5000, 'the end', once(peer, 'end'))
    expect(peer.bytesRead).toBe(0)
  })

  it('tells the results in the order of the ports, whichever comes first', async () => {
    const { port } = await tcpServer()
    const slow = onLinux ? (await stoppedServer('127.0.0.1')).port : await refusingPort()
    const texts = [`127.0.0.1:${slow}`, `127.0.0.1:${port}`, `127.0.0.1:${await refusingPort()}`]
    const { told, results } = await check(texts, 64, 200)
    expect(told).toEqual(texts.map(text => parseEndpoint(text)))
    expect(codes(results).slice(1)).toEqual([undefined, 'ERR_REFUSED'])
    if (onLinux) expect(results[0]?.error?.code).toBe('ERR_TIMEOUT')
  })

  it.each([1, 3, 100])('tries all, %i at a time', async parallel => {
    const { port } = await tcpServer()
    const { results } = await check(Array(20).fill(`127.0.0.1:${port}`), parallel)
    expect(codes(results)).toEqual(Array(20).fill(undefined))
    expect(results.every(one => one.attempts.length === 1)).toBe(true)
  })

  it.skipIf(!onLinux)('does not try more at a time than it is told to', async () => {
    const { port } = await stoppedServer('127.0.0.1')
    const time = async (parallel: number): Promise<number> => {
      const startedAt = performance.now()
      await check(Array(4).fill(`127.0.0.1:${port}`), parallel, 100)
      return performance.now() - startedAt
    }
    expect(await time(2)).toBeGreaterThan(190)
    expect(await time(4)).toBeLessThan(190)
  })

  it('names each address of a name', async () => {
    const { port } = await tcpServer()
    const { results } = await check([`localhost:${port}`])
    const attempts = results[0]?.attempts.map(({ address, error }) => [
      address,
      error === undefined,
    ])
    expect(attempts).toEqual([
      [{ family: 'ipv6', host: '::1', port }, false],
      [{ family: 'ipv4', host: '127.0.0.1', port }, true],
    ])
  })

  it('fails as a whole when a host is unknown', async () => {
    const failing = check(['127.0.0.1:9', 'no-such-host.invalid:80'])
    await expect(failing).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})
