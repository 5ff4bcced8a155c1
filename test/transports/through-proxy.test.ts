import { once } from 'node:events'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../../src/endpoint/types.ts'
import type { ProxyServer } from '../../src/proxy/types.ts'
import { dial } from '../../src/transports/index.ts'
import { within } from '../support/deadline.ts'
import { failureFrom } from '../support/failure.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

const TARGET: Endpoint = { scheme: 'tcp', host: 'db.example', port: 0x1234 }

/** A proxy that answers so to each piece that comes, and what it was told. */
async function proxyThatSays(scheme: ProxyServer['scheme'], answers: readonly (Buffer | string)[]) {
  const told: Buffer[] = []
  let turn = 0
  const { port, accepted } = await tcpServer(socket => {
    socket.on('data', chunk => {
      told.push(chunk)
      const answer = answers[turn++]
      if (answer !== undefined) socket.write(answer)
    })
    socket.on('end', () => socket.end())
  })
  const proxy: ProxyServer = { scheme, host: '127.0.0.1', port }
  return { proxy, told, accepted }
}

const LOGIN = { user: 'me', password: 'secret' }
const GRANTED_5 = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])

async function read(duplex: NodeJS.EventEmitter): Promise<string> {
  const [chunk] = await within(5000, 'data', once(duplex, 'data'))
  return String(chunk)
}

describe('dialling through a proxy', () => {
  it('asks SOCKS 5 by name, and keeps what the target says at once', async () => {
    const { proxy, told } = await proxyThatSays('socks5h', [
      Buffer.from([5, 0]),
      Buffer.concat([GRANTED_5, Buffer.from('hello')]),
    ])
    const { duplex, facts } = await dial(TARGET, { proxy })
    expect(await read(duplex)).toBe('hello')
    expect(told).toEqual([
      Buffer.from([5, 1, 0]),
      Buffer.from('\x05\x01\0\x03\x0adb.example\x12\x34', 'latin1'),
    ])
    expect(facts).toEqual({ proxy: `socks5h://127.0.0.1:${proxy.port}` })
    duplex.destroy()
  })

  it('logs in where it is asked to', async () => {
    const { proxy, told } = await proxyThatSays('socks5h', [
      Buffer.from([5, 2]),
      Buffer.from([1, 0]),
      GRANTED_5,
    ])
    const { duplex } = await dial(TARGET, { proxy: { ...proxy, login: LOGIN } })
    expect(told.slice(0, 2).map(String)).toEqual(['\x05\x02\0\x02', '\x01\x02me\x06secret'])
    duplex.destroy()
  })

  it('looks names up here for socks5 and socks4', async () => {
    const literal: Endpoint = { scheme: 'tcp', host: 'localhost', port: 80 }
    const five = await proxyThatSays('socks5', [Buffer.from([5, 0]), GRANTED_5])
    const first = await dial(literal, { proxy: five.proxy, family: 4 })
    expect(five.told[1]).toEqual(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, 0, 80]))
    const four = await proxyThatSays('socks4', [Buffer.from([0, 90, 0, 0, 0, 0, 0, 0])])
    const second = await dial(literal, { proxy: four.proxy })
    expect(four.told[0]).toEqual(Buffer.from([4, 1, 0, 80, 127, 0, 0, 1, 0]))
    first.duplex.destroy()
    second.duplex.destroy()
  })

  it('has SOCKS 4a look the name up', async () => {
    const { proxy, told } = await proxyThatSays('socks4a', [Buffer.from([0, 90, 0, 0, 0, 0, 0, 0])])
    const { duplex } = await dial(TARGET, { proxy: { ...proxy, login: LOGIN } })
    expect(told[0]?.toString('latin1')).toBe('\x04\x01\x12\x34\0\0\0\x01me\0db.example\0')
    duplex.destroy()
  })

  it('asks HTTP for a tunnel', async () => {
    const { proxy, told } = await proxyThatSays('http', ['HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello'])
    const { duplex } = await dial(TARGET, { proxy: { ...proxy, login: LOGIN } })
    expect(await read(duplex)).toBe('hello')
    expect(String(told[0])).toBe(
      'CONNECT db.example:4660 HTTP/1.1\r\nHost: db.example:4660\r\n' +
        'Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n',
    )
    duplex.destroy()
  })

  it.each([
    ['socks5h', [Buffer.from([5, 0xff])], 'ERR_PROTOCOL', 'asks for a user and password'],
    ['socks5h', ['HTTP/1.1 400 Bad'], 'ERR_PROTOCOL', 'does not speak SOCKS 5'],
    ['socks5h', [Buffer.from([5, 0]), Buffer.from([5, 1, 0])], 'ERR_PROTOCOL', 'general failure'],
    ['socks5h', [Buffer.from([5, 0]), Buffer.from([5, 2, 0])], 'ERR_PROTOCOL', 'not allowed'],
    ['socks5h', [Buffer.from([5, 0]), Buffer.from([5, 4, 0])], 'ERR_REFUSED', 'unreachable'],
    [
      'socks5h',
      [Buffer.from([5, 0]), Buffer.from([5, 5, 0])],
      'ERR_REFUSED',
      'refused by the target',
    ],
    ['socks5h', [Buffer.from([5, 0]), Buffer.from([5, 6, 0])], 'ERR_TIMEOUT', 'in time'],
    ['socks4a', [Buffer.from([0, 91, 0, 0, 0, 0, 0, 0])], 'ERR_REFUSED', 'refused or failed'],
    ['http', ['HTTP/1.1 407 Who are you\r\n\r\n'], 'ERR_PROTOCOL', '407 Who are you'],
    ['http', ['HTTP/1.1 403 Forbidden\r\n\r\n'], 'ERR_PROTOCOL', '403 Forbidden'],
    ['http', ['HTTP/1.1 503 No\r\n\r\n'], 'ERR_REFUSED', '503 No'],
    ['http', ['HTTP/1.1 504 Late\r\n\r\n'], 'ERR_TIMEOUT', '504 Late'],
    ['http', ['SSH-2.0-OpenSSH\r\n'], 'ERR_PROTOCOL', 'not HTTP'],
    ['http', ['x'.repeat(20_000)], 'ERR_PROTOCOL', 'no end in the first'],
  ] as const)('%s: says why it failed, by cause', async (scheme, answers, code, words) => {
    const { proxy } = await proxyThatSays(scheme, answers)
    const failure = await failureFrom(dial(TARGET, { proxy }))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
    expect(failure.message).toContain(`tcp://db.example:4660 through ${scheme}://127.0.0.1`)
  })

  it('stands whatever a proxy answers, cut as it may be', async () => {
    const schemes = fc.constantFrom('socks5', 'socks5h', 'socks4', 'socks4a', 'http' as const)
    const piece = fc
      .tuple(
        fc.constantFrom(
          '',
          '\x05\0',
          '\x05\x02',
          '\x05\0\0\x03',
          '\x05\0\0\x04',
          '\0\x5a',
          'HTTP/1.1 200 \r\n',
          'HTTP/1.1 2',
          'HTTP/1.1 407 no\r\n: x\r\n\r\n',
        ),
        fc.uint8Array({ maxLength: 300 }),
      )
      .map(([start, rest]) => Buffer.concat([Buffer.from(start, 'latin1'), rest]))
    let answers: readonly Buffer[] = []
    const { port } = await tcpServer(socket => {
      socket.on('error', () => {}).resume()
      for (const answer of answers) socket.write(answer)
      socket.end()
    })
    const target: Endpoint = { ...TARGET, host: '192.0.2.1' }
    await fc.assert(
      fc.asyncProperty(schemes, fc.array(piece, { maxLength: 4 }), async (scheme, said) => {
        answers = said
        const proxy: ProxyServer = { scheme, host: '127.0.0.1', port, login: LOGIN }
        const outcome = await dial(target, { proxy, timeoutMs: 5000 }).catch(error => error)
        if (!(outcome instanceof Error)) return void outcome.duplex.destroy()
        expect(outcome).toMatchObject({
          code: expect.stringMatching(/^ERR_(PROTOCOL|REFUSED|TIMEOUT)$/),
          message: expect.stringContaining('cannot connect to tcp://192.0.2.1:4660 through'),
        })
      }),
      { numRuns: 150 },
    )
  })

  it('never shows the password', async () => {
    const { proxy } = await proxyThatSays('http', ['HTTP/1.1 407 Who\r\n\r\n'])
    const failure = await failureFrom(dial(TARGET, { proxy: { ...proxy, login: LOGIN } }))
    expect(JSON.stringify([failure, failure.message, failure.hints])).not.toContain('secret')
  })

  it('tells a proxy that is not there from a target that is not', async () => {
    const { server, port } = await tcpServer()
    server.close()
    await once(server, 'close')
    const proxy: ProxyServer = { scheme: 'socks5h', host: '127.0.0.1', port }
    const failure = await failureFrom(dial(TARGET, { proxy }))
    expect(failure.code).toBe('ERR_REFUSED')
    expect(failure.message).toContain(`cannot reach the proxy at tcp://127.0.0.1:${port}`)
  })

  it('gives a silent proxy up when the time is over, and lets go of it', async () => {
    const { proxy, accepted } = await proxyThatSays('http', [])
    const connection = accepted()
    const failure = await failureFrom(dial(TARGET, { proxy, timeoutMs: 80 }))
    expect(failure.code).toBe('ERR_TIMEOUT')
    expect(failure.message).toContain('the proxy has not answered in')
    const socket: Socket = await connection
    socket.resume()
    await within(5000, 'its end', once(socket, 'close'))
  })

  it('says when the proxy hangs up', async () => {
    const { port } = await tcpServer(socket => socket.resume().end())
    const proxy: ProxyServer = { scheme: 'socks5h', host: '127.0.0.1', port }
    const failure = await failureFrom(dial(TARGET, { proxy }))
    expect(failure).toMatchObject({ code: 'ERR_PROTOCOL' })
    expect(failure.message).toContain('the proxy hung up')
  })

  it.each([
    [{ scheme: 'unix', path: '/tmp/nobody' }],
    [{ scheme: 'udp', host: '127.0.0.1', port: 9 }],
  ] as const)('does not take %j there', async endpoint => {
    const proxy: ProxyServer = { scheme: 'http', host: '127.0.0.1', port: 9 }
    const failure = await failureFrom(dial(endpoint, { proxy }))
    expect(failure.code).toBe('ERR_UNSUPPORTED')
  })
})
