import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import type { Message } from '../../src/channel/types.ts'
import type { Endpoint } from '../../src/endpoint/types.ts'
import { echo } from '../../src/handlers/echo.ts'
import { forward } from '../../src/handlers/forward.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  newFolder,
  openDescriptors,
  startSession,
  tcpEndpoint,
} from '../support/serve-session.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'
import { closeWebSocketsAfterEach, WebSocketPeer } from '../support/web-socket-peer.ts'

endSessionsAfterEach()
closeServersAfterEach()
closeWebSocketsAfterEach()

/** A target that says its name and ends. */
async function named(name: string): Promise<number> {
  return (await tcpServer(socket => socket.resume().end(name))).port
}

/** A port on which nobody listens. */
async function refusing(): Promise<number> {
  const { port, server } = await tcpServer()
  server.close()
  await once(server, 'close')
  return port
}

async function ask(port: number): Promise<string> {
  const client = await dialRaw(port)
  const answer = String(await readAll(client))
  client.end()
  return answer
}

describe('forward', () => {
  it('gives each target its turn', async () => {
    const ports = await Promise.all(['one', 'two', 'three'].map(named))
    const server = await startSession(forward({ targets: ports.map(tcpEndpoint) }))
    const answers: string[] = []
    for (let i = 0; i < 6; i++) answers.push(await ask(server.port))
    expect(answers).toEqual(['one', 'two', 'three', 'one', 'two', 'three'])
    expect(server.notes()[1]).toBe(`forwarding to tcp://127.0.0.1:${ports[1]}`)
  })

  it('takes the next target when one refuses, and says so', async () => {
    const dead = await refusing()
    const targets = [dead, await named('alive')].map(tcpEndpoint)
    const server = await startSession(forward({ targets }))
    expect([await ask(server.port), await ask(server.port)]).toEqual(['alive', 'alive'])
    expect(server.notes()[0]).toMatch(
      `cannot connect to tcp://127.0.0.1:${dead}: connection refused`,
    )
  })

  it('resets the client when no target can be reached: there is no answer to end', async () => {
    const server = await startSession(forward({ targets: [tcpEndpoint(await refusing())] }))
    const client = await dialRaw(server.port)
    client.resume()
    const [error] = await once(client, 'error')
    expect(error.code).toBe('ECONNRESET')
    expect(await server.event('close')).toMatchObject({
      by: 'us',
      how: 'error',
      error: expect.stringMatching(/^cannot connect to tcp:.*connection refused/),
    })
  })

  describe('a WebSocket', () => {
    const ws = (port: number) => ({ scheme: 'ws', host: '127.0.0.1', port, path: '/' }) as const

    async function through(target: Endpoint, kind?: Message['kind']): Promise<WebSocketPeer> {
      const { port } = await startSession(forward({ targets: [target] }), {
        endpoints: [ws(0)],
        listen: { websocket: { kind } },
      })
      return WebSocketPeer.open(`ws://127.0.0.1:${port}`)
    }

    it('to another keeps the kind of a message', async () => {
      const target = await startSession(echo(), { endpoints: [ws(0)] })
      const peer = await through(ws(target.port))
      peer.say('can be read', 'binary')
      expect(await peer.next()).toBe('binary:can be read')
      peer.say('text')
      expect(await peer.next()).toBe('text:text')
    })

    it.each([
      [undefined, 'binary:hi'],
      ['text', 'text:hi'],
    ] as const)('to bytes gets them as bytes, or as what is asked for (%s)', async (kind, hi) => {
      const peer = await through(tcpEndpoint((await startSession(echo())).port), kind)
      peer.say('hi')
      expect(await peer.next()).toBe(hi)
    })
  })

  it('keeps what the client sends before the target answers', async () => {
    const target = await tcpServer(socket => socket.pipe(socket))
    let connect = (): void => {}
    const connected = new Promise<void>(resolve => {
      connect = resolve
    })
    const { dial } = await import('../../src/transports/index.ts')
    const server = await startSession(forward({ targets: [tcpEndpoint(target.port)] }), {
      dial: async endpoint => {
        await connected
        return dial(endpoint)
      },
    })
    const client = await dialRaw(server.port)
    client.end('early')
    await new Promise(resolve => setTimeout(resolve, 100))
    connect()
    expect(String(await readAll(client))).toBe('early')
  })

  it('says that it was the target that broke the connection off', async () => {
    const target = await tcpServer(socket => socket.on('data', () => socket.resetAndDestroy()))
    const server = await startSession(forward({ targets: [tcpEndpoint(target.port)] }))
    const client = await dialRaw(server.port)
    client.resume()
    client.write('x')
    await once(client, 'error')
    expect(await server.event('close')).toMatchObject({
      by: 'us',
      how: 'error',
      error: `tcp://127.0.0.1:${target.port}: connection reset by the peer (ECONNRESET)`,
    })
  })

  it('gives the target up when the client leaves while it is dialled', async () => {
    const target = await tcpServer()
    let connect = (): void => {}
    const connected = new Promise<void>(resolve => {
      connect = resolve
    })
    const { dial } = await import('../../src/transports/index.ts')
    const server = await startSession(forward({ targets: [tcpEndpoint(target.port)] }), {
      dial: async endpoint => {
        await connected
        return dial(endpoint)
      },
    })
    const before = openDescriptors()
    const client = await dialRaw(server.port)
    await server.event('open')
    client.resetAndDestroy()
    await once(client, 'close')
    const accepted = target.accepted()
    connect()
    const upstream = await accepted
    upstream.resume()
    await once(upstream, 'error')
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'rst' })
    expect(openDescriptors()).toBe(before)
  })

  it('says in the end which target it was', async () => {
    const port = await named('alive')
    const server = await startSession(forward({ targets: [tcpEndpoint(port)] }))
    await ask(server.port)
    expect((await server.event('close')).target).toEqual(tcpEndpoint(port))
  })

  it('leaves a target out that does not answer, until it does: both are said once', async () => {
    const path = `${newFolder()}/s`
    const unixTarget: Endpoint = { scheme: 'unix', path }
    const alive = await named('alive')
    const targets = [unixTarget, tcpEndpoint(alive)]
    const server = await startSession(forward({ targets, healthMs: 20 }))
    const troubles = () => server.events.filter(one => one.event === 'trouble')
    expect((await server.event('trouble')).text).toMatch(
      /no such file.*: left out until it answers/,
    )
    expect([await ask(server.port), await ask(server.port)]).toEqual(['alive', 'alive'])
    await tcpServer(socket => socket.resume().end('back'), { path })
    expect((await server.event('trouble', 2)).text).toBe(`unix:${path} answers again`)
    expect(new Set([await ask(server.port), await ask(server.port)])).toEqual(
      new Set(['back', 'alive']),
    )
    expect(troubles().length).toBe(2)
  })

  it.each([1, 2] as const)('tells the target by a header v%s who the client is', async version => {
    const behind = await startSession(echo(), { listen: { acceptProxy: true } })
    const server = await startSession(forward({ targets: [tcpEndpoint(behind.port)] }), {
      sendProxy: version,
    })
    const client = await dialRaw(server.port)
    const { localPort = 0 } = client
    client.end('x')
    expect(String(await readAll(client))).toBe('x')
    const { remote, local } = await behind.event('open')
    expect([remote, local]).toEqual([
      inetAddress('127.0.0.1', localPort),
      inetAddress('127.0.0.1', server.port),
    ])
  })

  it("asks a target for its health in nobody's name", async () => {
    const behind = await startSession(echo(), { listen: { acceptProxy: true } })
    const targets = [tcpEndpoint(behind.port)]
    await startSession(forward({ targets, healthMs: 60_000 }), { sendProxy: 2 })
    const { remote, facts } = await behind.event('open')
    expect(remote).toMatchObject({ host: '127.0.0.1' })
    expect(facts).toEqual({})
  })

  it('refuses to be made without a target', () => {
    expect(() => forward({ targets: [] })).toThrow('no target')
  })
})
