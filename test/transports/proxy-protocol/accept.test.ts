import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../../src/address.ts'
import { discard } from '../../../src/handlers/discard.ts'
import { echo } from '../../../src/handlers/echo.ts'
import { formatV1 } from '../../../src/transports/proxy-protocol/v1.ts'
import { formatV2 } from '../../../src/transports/proxy-protocol/v2.ts'
import type { ListenOptions } from '../../../src/transports/types.ts'
import { within } from '../../support/deadline.ts'
import { readAll } from '../../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  openDescriptors,
  startSession,
} from '../../support/serve-session.ts'

endSessionsAfterEach()

const ENDS = { source: inetAddress('10.0.0.7', 1234), destination: inetAddress('10.0.0.1', 443) }

function start(options: ListenOptions = {}, handler = echo()) {
  return startSession(handler, { listen: { acceptProxy: true, ...options } })
}

describe('a listener that takes headers of the PROXY protocol', () => {
  it.each([
    ['1', formatV1(ENDS)],
    ['2', formatV2(ENDS)],
  ])(
    'believes version %s, over TCP and unix(7), with all that follows at once',
    async (_, header) => {
      const server = await start()
      for (const [index, to] of [server.port, server.path].entries()) {
        const client = await dialRaw(to)
        client.end(Buffer.concat([header, Buffer.from('hello')]))
        expect(String(await readAll(client))).toBe('hello')
        const { local, remote, facts } = await server.event('open', index + 1)
        expect({ local, remote }).toEqual({ local: ENDS.destination, remote: ENDS.source })
        expect(facts.proxy).toMatch(index === 0 ? /^127\.0\.0\.1:\d+$/ : /unnamed/)
      }
    },
  )

  it('takes it a byte at a time, and an end right behind it', async () => {
    const server = await start()
    const client = await dialRaw(server.port)
    for (const byte of formatV2(ENDS)) client.write(Buffer.from([byte]))
    client.end()
    expect(String(await readAll(client))).toBe('')
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'fin' })
  })

  it('is spoken to by the proxy itself with LOCAL and UNKNOWN', async () => {
    const server = await start({}, discard())
    const local = await dialRaw(server.port)
    local.end(formatV2(undefined))
    expect((await server.event('open')).remote).toEqual(
      inetAddress('127.0.0.1', local.localPort ?? 0),
    )
    const unknown = await dialRaw(server.port)
    unknown.end(formatV1(undefined))
    expect((await server.event('open', 2)).remote).toMatchObject({ host: '127.0.0.1' })
  })

  it.each([
    ['GET / HTTP/1.1\r\n\r\n', 'no PROXY header: it began with "GET / HTTP/1.1\\r\\n\\r'],
    ['PROXY TCP4 1.2.3.4\r\n', 'bad PROXY header: "PROXY TCP4 1.2.3.4"'],
    [`PROXY ${'x'.repeat(200)}\r\n`, 'bad PROXY header: its line does not end'],
    ['\r\n\r\n\0\r\nQUIT\nxxxx', 'bad PROXY header'],
  ])('turns %j away, and says why', async (text, words) => {
    const server = await start({ handshakeMs: 300 })
    const client = await dialRaw(server.port)
    client.resume()
    client.write(Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(30_000)]))
    const { reason, error } = await server.event('refused')
    expect(reason).toBe('handshake')
    expect(error).toContain(words)
  })

  it('waits for it no longer than it should, and keeps nothing', async () => {
    const server = await start({ handshakeMs: 60 })
    const before = openDescriptors()
    const client = await dialRaw(server.port)
    client.resume()
    client.write('PROXY TC')
    expect((await server.event('refused')).error).toMatch('no handshake in')
    await within(5000, 'the end', new Promise(resolve => client.once('close', resolve)))
    expect(openDescriptors()).toBe(before)
  })

  it('asks for both whether they may in', async () => {
    const asked: unknown[] = []
    const server = await start({
      admit: (remote, _connection, isProxy = false) => {
        asked.push([remote, isProxy])
        return 'host' in remote && remote.host === '10.0.0.7' ? 'denied' : undefined
      },
    })
    const client = await dialRaw(server.port)
    const { localPort = 0 } = client
    client.resume()
    client.write(formatV1(ENDS))
    expect(await server.event('refused')).toMatchObject({
      reason: 'denied',
      error: '10.0.0.7:1234 behind it may not in',
    })
    expect(asked).toEqual([
      [inetAddress('127.0.0.1', localPort), true],
      [ENDS.source, false],
    ])
  })
})
