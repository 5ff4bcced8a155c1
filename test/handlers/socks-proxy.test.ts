import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import { socksProxy } from '../../src/handlers/socks-proxy.ts'
import { TargetList } from '../../src/proxy/target-list.ts'
import type { ProxyServer } from '../../src/proxy/types.ts'
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

const mayIn = async ({ user, password }: { user: string; password: string }) =>
  user === 'me' && password === 'secret'

function echoing() {
  return tcpServer(socket => socket.pipe(socket))
}

function through(port: number, scheme: ProxyServer['scheme'], login?: ProxyServer['login']) {
  return { proxy: { scheme, host: '127.0.0.1', port, login } }
}

describe('socksProxy', () => {
  it.each(['socks5', 'socks5h', 'socks4', 'socks4a'] as const)('serves %s', async scheme => {
    const target = await echoing()
    const server = await startSession(socksProxy())
    const { duplex } = await dial(tcpEndpoint(target.port), through(server.port, scheme))
    duplex.end('hello')
    expect(String(await readAll(duplex))).toBe('hello')
    expect(server.notes()).toEqual([`asks for tcp://127.0.0.1:${target.port}`])
    expect(await server.event('close')).toMatchObject({
      how: 'fin',
      target: tcpEndpoint(target.port),
    })
  })

  it('lets those in who have the user and password', async () => {
    const target = await echoing()
    const server = await startSession(socksProxy({ mayIn }))
    const to = tcpEndpoint(target.port)
    const right = { user: 'me', password: 'secret' }
    const { duplex } = await dial(to, through(server.port, 'socks5', right))
    duplex.destroy()
    const wrong = { user: 'me', password: 'no' }
    for (const [scheme, login, words] of [
      ['socks5', wrong, 'does not take the user and password'],
      ['socks5', undefined, 'asks for a user and password'],
      ['socks4', right, 'identd'],
    ] as const) {
      const failure = await failureFrom(dial(to, through(server.port, scheme, login)))
      expect(failure).toMatchObject({ code: 'ERR_PROTOCOL' })
      expect(failure.message).toContain(words)
    }
  })

  it('says what kept it from connecting', async () => {
    const { server: gone, port } = await tcpServer()
    gone.close()
    await once(gone, 'close')
    const targets = new TargetList([`:${port}`, 'nobody.invalid'])
    const server = await startSession(socksProxy({ targets }))
    const fails = async (host: string, to: number, scheme: ProxyServer['scheme']) => {
      const endpoint = { scheme: 'tcp', host, port: to } as const
      return (await failureFrom(dial(endpoint, through(server.port, scheme)))).message
    }
    expect(await fails('127.0.0.1', port, 'socks5h')).toContain('refused by the target')
    expect(await fails('127.0.0.1', port, 'socks4')).toContain('refused or failed')
    expect(await fails('nobody.invalid', 1, 'socks5h')).toContain('host unreachable')
    expect(await fails('127.0.0.1', 1, 'socks5h')).toContain('not allowed by its rules')
  })

  it('judges a name by its addresses, and connects to those only', async () => {
    const target = await echoing()
    const to = { scheme: 'tcp', host: 'localhost', port: target.port } as const
    const inside = await startSession(socksProxy({ targets: new TargetList(['127.0.0.0/8']) }))
    const { duplex } = await dial(to, through(inside.port, 'socks5h'))
    duplex.destroy()
    const outside = await startSession(socksProxy({ targets: new TargetList(['10.0.0.0/8']) }))
    const failure = await failureFrom(dial(to, through(outside.port, 'socks5h')))
    expect(failure.message).toContain('not allowed by its rules')
  })

  it('looks a name up once: it may be another the next moment', async () => {
    const target = await echoing()
    const answers = ['127.0.0.1', '169.254.169.254']
    const server = await startSession(
      socksProxy({ targets: new TargetList(['127.0.0.1']), sparesThisMachine: true }),
      {
        dial: (endpoint, options) =>
          dial(endpoint, {
            ...options,
            resolve: (_, port) => [inetAddress(answers.shift() ?? '0.0.0.0', port)],
          }),
      },
    )
    const to = { scheme: 'tcp', host: 'rebinds.example', port: target.port } as const
    const { duplex } = await dial(to, through(server.port, 'socks5h'))
    expect(answers).toEqual(['169.254.169.254'])
    duplex.destroy()
    const failure = await failureFrom(dial(to, through(server.port, 'socks5h')))
    expect(failure.message).toContain('not allowed by its rules')
  })

  it('takes what comes a byte at a time', async () => {
    const target = await tcpServer(socket => socket.resume().end('hi'))
    const server = await startSession(socksProxy())
    const client = await dialRaw(server.port)
    const request = [5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, target.port >> 8, target.port & 0xff]
    for (const byte of request) client.write(Buffer.from([byte]))
    client.end()
    const answer = Buffer.concat([
      Buffer.from([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      Buffer.from('hi'),
    ])
    expect(await readAll(client)).toEqual(answer)
  })

  it('answers what it does not do', async () => {
    const server = await startSession(socksProxy())
    const client = await dialRaw(server.port)
    client.write(Buffer.from([5, 1, 0, 5, 2, 0, 1, 127, 0, 0, 1, 0, 80]))
    expect(await readAll(client)).toEqual(Buffer.from([5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]))
    expect((await server.event('close')).error).toBe('only CONNECT is served, and it asked for 2')
  })

  it('waits for a request no longer than it should', async () => {
    const server = await startSession(socksProxy({ requestMs: 50 }))
    const client = await dialRaw(server.port)
    client.resume()
    client.write(Buffer.from([5, 3, 0]))
    expect(await server.event('close')).toMatchObject({
      how: 'timeout',
      error: expect.stringContaining('no request in'),
    })
  })

  it('stands whatever comes, and keeps no descriptor', async () => {
    const server = await startSession(
      socksProxy({ requestMs: 200, targets: new TargetList([':1']) }),
    )
    const before = openDescriptors()
    let count = 0
    const garbage = fc.tuple(fc.constantFrom(0, 4, 5, 71), fc.uint8Array({ maxLength: 600 }))
    await fc.assert(
      fc.asyncProperty(garbage, async ([first, rest]) => {
        const client = await dialRaw(server.port)
        client.resume()
        client.end(Buffer.from([first, ...rest]))
        await within(5000, 'its end', new Promise(resolve => client.once('close', resolve)))
        await server.event('close', ++count)
      }),
      { numRuns: 100 },
    )
    expect(openDescriptors()).toBe(before)
    expect(server.session.openCount).toBe(0)
  })

  it('lets nobody through who is not in, in whatever order he says things', async () => {
    const target = await tcpServer(socket => socket.resume().end('inside'))
    let reached = 0
    target.server.on('connection', () => reached++)
    const server = await startSession(socksProxy({ requestMs: 200, mayIn: async () => false }))
    const to = [target.port >> 8, target.port & 0xff]
    const piece = fc.oneof(
      fc.constantFrom(
        [5, 1, 0],
        [5, 1, 2],
        [5, 2, 0, 2],
        [5, 0],
        [1, 2, ...Buffer.from('me'), 6, ...Buffer.from('secret')],
        [1, 0, 0],
        [5, 1, 0, 1, 127, 0, 0, 1, ...to],
        [5, 1, 0, 3, 9, ...Buffer.from('localhost'), ...to],
        [5, 1, 0, 3, 0, ...to],
        [4, 1, ...to, 127, 0, 0, 1, 0],
        [4, 1, ...to, 0, 0, 0, 1, 0, ...Buffer.from('localhost'), 0],
      ),
      fc.uint8Array({ maxLength: 20 }),
    )
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async pieces => {
        const client = await dialRaw(server.port)
        client.resume()
        for (const bytes of pieces) client.write(Buffer.from(bytes))
        client.end()
        await within(5000, 'its end', new Promise(resolve => client.once('close', resolve)))
        await server.event('close', ++count)
      }),
      { numRuns: 100 },
    )
    expect(reached).toBe(0)
    expect(server.session.openCount).toBe(0)
  })
})
