import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { SERVE_EVENTS } from '../../src/cli/event-schema/serve.ts'
import { UDP_LISTEN_EVENTS, UDP_SEND_EVENTS } from '../../src/cli/event-schema/udp.ts'
import { portForDaemon } from '../support/daemon.ts'
import { type JsonEvent, parseEvents, undocumented } from '../support/documented-events.ts'
import { type EventRuns, itSaysWhatIsWrittenDown } from '../support/event-runs.ts'
import { hasOwnNetwork, ownNetwork } from '../support/own-network.ts'
import { Sockctl, sockctl, startJsonServe } from '../support/sockctl.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-events-'))
const running: Sockctl[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function serve(...argv: readonly string[]) {
  const started = await startJsonServe(argv)
  running.push(started.server)
  return started
}

/** A client that says something and keeps the connection open. */
function client(port: number, text = ''): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  sockets.push(socket)
  if (text !== '') socket.write(text)
  return socket
}

/** Talks to it by `sockctl connect`. */
function ask(...argv: readonly string[]) {
  return sockctl(['connect', ...argv], { stdin: 'hi\n' })
}

/** Stops it, and tells all that it has said. */
async function stop(server: Sockctl): Promise<readonly JsonEvent[]> {
  server.child.kill('SIGTERM')
  return parseEvents((await server.outcome()).stdout)
}

/** What serve is made to say: each gives all events of one run. */
const SERVES: EventRuns = {
  async 'limits and a stop'() {
    const { server, port } = await serve(':0', '-4', '--max-conns', '1', '--idle', '100ms')
    client(port)
    await server.says('stdout', /"open"/)
    client(port)
    await server.says('stdout', /"max-conns"[\s\S]*"timeout"/)
    const reset = client(port, 'x')
    await server.says('stdout', /"id":2/)
    reset.resetAndDestroy()
    await server.says('stdout', /"rst"/)
    return stop(server)
  },
  async 'too many bytes, a deny list and draining'() {
    const { server, port } = await serve(':0', '-4', '--max-bytes', '4', '--grace', '50ms')
    client(port, 'more than that')
    await server.says('stdout', /"limit"/)
    client(port)
    await server.says('stdout', /"id":2/)
    const denying = await serve(':0', '-4', '--deny', '127.0.0.1')
    client(denying.port)
    await denying.server.says('stdout', /"denied"/)
    return [...(await stop(server)), ...(await stop(denying.server))]
  },
  async 'a unix socket'() {
    const path = join(folder, 's')
    const { server } = await serve('--unix', path)
    await ask(`unix:${path}`)
    await server.says('stdout', /"close"/)
    return stop(server)
  },
  async TLS() {
    const { server, port } = await serve('--tls', ':0', '-4')
    await ask('--insecure', `tls://127.0.0.1:${port}`)
    client(port, 'GET / HTTP/1.0\r\n\r\n')
    await server.says('stdout', /"close"/)
    await server.says('stdout', /"handshake"/)
    return stop(server)
  },
  async WebSocket() {
    const { server, port } = await serve('ws://127.0.0.1:0')
    await ask(`ws://127.0.0.1:${port}/chat`)
    await server.says('stdout', /"close"/)
    return stop(server)
  },
  async 'Socket.IO'() {
    const { server, port } = await serve('socketio://127.0.0.1:0')
    await ask('--lines', '1', `socketio://127.0.0.1:${port}/room`)
    await server.says('stdout', /"close"/)
    return stop(server)
  },
  async datagrams() {
    const { server, port } = await serve('udp://127.0.0.1:0', '--idle', '100ms')
    await ask('-u', '127.0.0.1', String(port))
    await server.says('stdout', /"close"/)
    return stop(server)
  },
  async tokens() {
    const { server, port } = await serve(':0', '-4', '--token', 'kim:s3cret-and-long-enough')
    await ask('--token', 's3cret-and-long-enough', `:${port}`)
    await ask('--token', 'wrong-and-long-enough', `:${port}`)
    await server.says('stdout', /"close"/)
    await server.says('stdout', /"credential"/)
    return stop(server)
  },
  async 'the PROXY protocol'() {
    const { server, port } = await serve(':0', '-4', '--accept-proxy')
    client(port, 'PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n').end('x')
    client(port, 'none').end()
    await server.says('stdout', /"close"/)
    await server.says('stdout', /"refused"/)
    return stop(server)
  },
  async 'targets that are there, and not'() {
    const target = await serve(':0', '-4', '--discard')
    const dead = `127.0.0.1:${await portForDaemon()}`
    const targets = ['--forward', dead, '--forward', `127.0.0.1:${target.port}`]
    const { server, port } = await serve(':0', '-4', ...targets, '--health', '100ms')
    await server.says('stdout', /"trouble"/)
    await ask(`127.0.0.1:${port}`)
    await server.says('stdout', /"close"/)
    const lost = await serve(':0', '-4', '--forward', dead)
    await ask(`127.0.0.1:${lost.port}`)
    await lost.server.says('stdout', /"error"/)
    return [...(await stop(server)), ...(await stop(lost.server))]
  },
}

async function listenForUdp(...argv: readonly string[]) {
  const server = new Sockctl(['udp', 'listen', ...argv, '--json'])
  running.push(server)
  const [, port] = await server.says('stdout', /"event":"listening".*?"port":(\d+)/)
  return { server, port: Number(port) }
}

/** Sends by `sockctl udp send`, and tells what that has said. */
async function send(port: number | string, ...argv: readonly string[]) {
  const { stdout } = await sockctl(['udp', 'send', `localhost:${port}`, ...argv, '--json'])
  return parseEvents(stdout)
}

const UDP_LISTENS: EventRuns = {
  async 'text, bytes and answers'() {
    const listener = await listenForUdp(':0', '-4', '--echo')
    await send(listener.port, 'text')
    await send(listener.port, '--send-hex', 'ff')
    return stop(listener.server)
  },
  async 'who may not in'() {
    const { server, port } = await listenForUdp(':0', '-4', '--deny', '127.0.0.1')
    await send(port, '--wait', '0', 'x')
    await server.says('stdout', /"denied"/)
    return stop(server)
  },
  async 'a group, and a buffer that is too large'() {
    const { server } = await listenForUdp('239.1.2.3:0', '--interface', 'lo', '--rcvbuf', '1GiB')
    await server.says('stdout', /"trouble"/)
    return stop(server)
  },
}

/** What takes a network of one's own: there the port of echo is free, and one may have it. */
const IN_OWN_NETWORK: EventRuns = {
  async 'two that would answer each other without end'() {
    const { inside: through, close } = await ownNetwork()
    try {
      const listen = ['udp', 'listen', '127.0.0.1:7000', '--echo', '--json']
      const server = new Sockctl(listen, { through })
      running.push(server)
      await server.says('stdout', /"listening"/)
      const send = ['udp', 'send', '127.0.0.1:7000', '--source-port', '7', '--wait', '0', 'x']
      await sockctl(send, { through })
      await server.says('stdout', /"unanswered"/)
      return await stop(server)
    } finally {
      await close()
    }
  },
}

const UDP_SENDS: EventRuns = {
  async 'text and bytes to who answers'() {
    const { port } = await listenForUdp('127.0.0.1:0', '--echo')
    return [...(await send(port, 'text')), ...(await send(port, '--send-hex', 'ff 00'))]
  },
  async 'two addresses, of which one takes it'() {
    const { port } = await listenForUdp('[::1]:0', '--echo')
    return send(port, 'x')
  },
}

describe('serve --json', () => {
  itSaysWhatIsWrittenDown(SERVE_EVENTS, SERVES)
})

describe('udp listen --json', () => {
  // What depends on the system, or on a reader that is slow.
  const beyond = hasOwnNetwork ? /^end\.(lost|dropped)$/ : /^end\.(lost|dropped)$|^unanswered/
  const runs = { ...UDP_LISTENS, ...(hasOwnNetwork ? IN_OWN_NETWORK : {}) }
  itSaysWhatIsWrittenDown(UDP_LISTEN_EVENTS, runs, beyond)
})

describe('udp send --json', () => {
  itSaysWhatIsWrittenDown(UDP_SEND_EVENTS, UDP_SENDS)
})

describe('undocumented', () => {
  const refused = { event: 'refused', time: '2026-01-02T03:04:05.678Z', reason: 'denied' }
  const remote = { family: 'ipv4', host: '127.0.0.1', port: 9 }

  it.each([
    [{ ...refused, remote }, []],
    [{ ...refused, event: 'other' }, ['other: no such event']],
    [{ ...refused, time: 'now', remote }, ['refused: no time']],
    [refused, ['refused.remote: absent']],
    [{ ...refused, remote, more: 1 }, ['refused.more: not written down']],
    [{ ...refused, remote: { ...remote, more: 1 } }, ['refused.remote.more: not written down']],
    [{ ...refused, remote: { ...remote, port: '9' } }, ['refused.remote.port: no number: "9"']],
  ])('finds in %j: %j', (event, wrong) => {
    expect(undocumented([event], SERVE_EVENTS)).toEqual(wrong)
  })
})
