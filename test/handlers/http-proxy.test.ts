import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { httpProxy } from '../../src/handlers/http-proxy.ts'
import type { ProxySettings } from '../../src/handlers/proxy/settings.ts'
import { TargetList } from '../../src/proxy/target-list.ts'
import { dial } from '../../src/transports/index.ts'
import { within } from '../support/deadline.ts'
import { failureFrom } from '../support/failure.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  openDescriptors,
  startSession,
  tcpEndpoint,
} from '../support/serve-session.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

endSessionsAfterEach()
closeServersAfterEach()

/** What it answers to a request, and how the log has it. */
async function ask(request: string, settings: ProxySettings = {}) {
  const server = await startSession(httpProxy(settings))
  const client = await dialRaw(server.port)
  client.end(request)
  const answer = String(await readAll(client))
  return { answer, error: (await server.event('close')).error }
}

describe('httpProxy', () => {
  it('opens a tunnel, with what follows the request at once', async () => {
    const target = await tcpServer(socket => socket.pipe(socket))
    const { answer, error } = await ask(
      `CONNECT 127.0.0.1:${target.port} HTTP/1.1\r\nHost: x\r\n\r\nhello`,
    )
    expect(answer).toBe('HTTP/1.1 200 Connection established\r\n\r\nhello')
    expect(error).toBeUndefined()
  })

  it('asks for the user and password', async () => {
    const target = await tcpServer(socket => socket.pipe(socket))
    const mayIn: ProxySettings['mayIn'] = async ({ user, password }) =>
      `${user} ${password}` === 'me a:b'
    const server = await startSession(httpProxy({ mayIn }))
    const proxy = { scheme: 'http', host: '127.0.0.1', port: server.port } as const
    const to = tcpEndpoint(target.port)
    const { duplex } = await dial(to, {
      proxy: { ...proxy, login: { user: 'me', password: 'a:b' } },
    })
    duplex.destroy()
    const failure = await failureFrom(dial(to, { proxy }))
    expect(failure.message).toContain('407 Proxy Authentication Required')
    expect(failure.hints).toEqual([expect.stringContaining('--proxy-auth')])
    const { answer } = await ask('CONNECT a:1 HTTP/1.1\r\n\r\n', { mayIn })
    expect(answer).toContain('Proxy-Authenticate: Basic')
  })

  it.each([
    [
      'GET http://example.org/ HTTP/1.1\r\n\r\n',
      '405',
      'only CONNECT is served, and it asked for GET',
    ],
    ['CONNECT nowhere HTTP/1.1\r\n\r\n', '400', 'CONNECT to what is not host:port: nowhere'],
    ['CONNECT :80 HTTP/1.1\r\n\r\n', '400', 'CONNECT to what is not host:port: :80'],
    ['hello\r\n\r\n', '400', 'that is not HTTP/1.1: "hello"'],
    ['CONNECT a:1 HTTP/1.1\r\nx\r\n\r\n', '400', 'not a header field: "x"'],
    [`CONNECT a:1 HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, '400', 'no end in the first'],
    ['CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n', '502', 'connection refused'],
    ['CONNECT nobody.invalid:1 HTTP/1.1\r\n\r\n', '502', 'cannot look up nobody.invalid'],
  ])('answers what it does not serve (%#)', async (request, status, why) => {
    const { answer, error } = await ask(request)
    expect(answer).toMatch(`HTTP/1.1 ${status} `)
    expect(error).toContain(why)
  })

  it('connects only where it may', async () => {
    const targets = new TargetList(['10.0.0.0/8'])
    const { answer } = await ask('CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n', { targets })
    expect(answer).toMatch('HTTP/1.1 403 ')
  })

  it('stands whatever comes, lets nobody through, and keeps no descriptor', async () => {
    const target = await tcpServer(socket => socket.resume().end('inside'))
    let reached = 0
    target.server.on('connection', () => reached++)
    const mayIn: ProxySettings['mayIn'] = async () => false
    const server = await startSession(httpProxy({ requestMs: 200, mayIn }))
    const before = openDescriptors()
    const where = `127.0.0.1:${target.port}`
    const piece = fc.oneof(
      fc
        .constantFrom(
          `CONNECT ${where} HTTP/1.1\r\n`,
          `CONNECT ${where} HTTP/1.0\r\n\r\n`,
          `GET http://${where}/ HTTP/1.1\r\n`,
          'Proxy-Authorization: Basic \r\n',
          'Proxy-Authorization: Basic bWU6c2VjcmV0\r\n',
          'Content-Length: 9999999999\r\n',
          '\r\n',
          '\n',
          '\0',
          ' HTTP/1.1 ',
        )
        .map(text => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
    )
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async pieces => {
        const client = await dialRaw(server.port)
        client.resume()
        for (const bytes of pieces) client.write(bytes)
        client.end()
        await within(5000, 'its end', new Promise(resolve => client.once('close', resolve)))
        await server.event('close', ++count)
      }),
      { numRuns: 100 },
    )
    expect(reached).toBe(0)
    expect(openDescriptors()).toBe(before)
    expect(server.session.openCount).toBe(0)
  })

  it('waits for a request no longer than it should', async () => {
    const server = await startSession(httpProxy({ requestMs: 50 }))
    const client = await dialRaw(server.port)
    client.resume()
    client.write('CONNECT a')
    expect(await server.event('close')).toMatchObject({ how: 'timeout' })
  })
})
