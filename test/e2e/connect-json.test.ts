import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { CONNECT_EVENTS } from '../../src/cli/event-schema/connect.ts'
import { portForDaemon } from '../support/daemon.ts'
import { parseEvents } from '../support/documented-events.ts'
import { type EventRuns, itSaysWhatIsWrittenDown } from '../support/event-runs.ts'
import { Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()

const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

/** Talks by `sockctl connect --json`. */
async function ask(...argv: readonly (string | number)[]) {
  const words = ['connect', '--json', ...argv.map(String)]
  const { code, stdout, stderr } = await sockctl(words, { stdin: 'hi\n' })
  return { code, stdout, events: parseEvents(stderr) }
}

async function eventsOf(...argv: readonly (string | number)[]) {
  return (await ask(...argv)).events
}

async function serve(...argv: readonly string[]): Promise<number> {
  const { server, port } = await startServe(argv)
  running.push(server)
  return port
}

async function echoPort(): Promise<number> {
  const { port } = await tcpServer(socket => socket.pipe(socket))
  return port
}

const RUNS: EventRuns = {
  async 'an address that refuses, and one that answers'() {
    return eventsOf('localhost', await echoPort())
  },
  async 'nobody there'() {
    return eventsOf(`127.0.0.1:${await portForDaemon()}`)
  },
  async 'no such host'() {
    return eventsOf('-n', 'no-address:80')
  },
  async 'a reset'() {
    const { port } = await tcpServer(socket => socket.once('data', () => socket.resetAndDestroy()))
    return eventsOf(`127.0.0.1:${port}`)
  },
  async TLS() {
    const port = await serve('--tls', ':0', '-4')
    const trusting = await eventsOf('--insecure', `tls://127.0.0.1:${port}`)
    return [...trusting, ...(await eventsOf(`tls://127.0.0.1:${port}`))]
  },
  async 'a WebSocket'() {
    return eventsOf(`ws://127.0.0.1:${await serve('ws://127.0.0.1:0')}/chat`)
  },
  async 'Socket.IO'() {
    const port = await serve('socketio://127.0.0.1:0')
    return eventsOf('--lines', 1, `socketio://127.0.0.1:${port}`)
  },
  async datagrams() {
    return eventsOf('-u', '127.0.0.1', await serve('udp://127.0.0.1:0'))
  },
  async 'a secret that everybody can see'() {
    return eventsOf('--token', 'seen', `127.0.0.1:${await echoPort()}`)
  },
  async 'a proxy'() {
    const proxy = `socks5://127.0.0.1:${await serve(':0', '-4', '--socks-proxy')}`
    const open = await eventsOf('-x', proxy, '127.0.0.1', await echoPort())
    return [...open, ...(await eventsOf('-x', proxy, '127.0.0.1', await portForDaemon()))]
  },
  async ports() {
    return eventsOf('-z', '127.0.0.1', await echoPort(), await portForDaemon())
  },
  async 'a flag that does not go with it'() {
    return eventsOf('-e', 'sh', '127.0.0.1:80')
  },
}

describe('connect --json', () => {
  itSaysWhatIsWrittenDown(CONNECT_EVENTS, RUNS)

  it('leaves stdout to the peer, and says on stderr what came of it', async () => {
    const port = await echoPort()
    const { code, stdout, events } = await ask(`127.0.0.1:${port}`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n' })
    expect(events).toMatchObject([
      { event: 'open', endpoint: { scheme: 'tcp', port }, remote: { host: '127.0.0.1', port } },
      { event: 'close', bytesIn: 3, bytesOut: 3, ended: 'peer' },
    ])
  })

  it('ends with the error, by the code that the process ends with', async () => {
    const port = await portForDaemon()
    const { code, events } = await ask(`127.0.0.1:${port}`)
    expect(code).toBe(4)
    expect(events).toMatchObject([
      { event: 'tried', address: { port }, errno: 'ECONNREFUSED' },
      { event: 'error', code: 'ERR_REFUSED', exitCode: 4, errno: 'ECONNREFUSED' },
    ])
    expect(events.at(-1)?.hints).toContain(`Nobody listens there. See: sockctl inspect ${port}`)
  })

  it('names no errno where the system said none', async () => {
    const { code, events } = await ask('--expect', 'never', `127.0.0.1:${await echoPort()}`)
    expect(code).toBe(1)
    expect(events.at(-1)).toEqual({
      event: 'error',
      time: expect.any(String),
      code: 'ERR_NOT_MET',
      exitCode: 1,
      text: 'no match for "never" (3 bytes received)',
      hints: [],
    })
  })

  it('tells code and reason with which a WebSocket was closed', async () => {
    const port = await serve('ws://127.0.0.1:0', '--reply', 'x')
    const { code, events } = await ask('-d', `ws://127.0.0.1:${port}/`)
    expect(code).toBe(0)
    expect(events.find(one => one.event === 'close')).toMatchObject({
      farewell: { by: 'peer', code: 1000, reason: '' },
    })
  })

  it('says of each port what came of it, with -v and on one that none answers too', async () => {
    const [open, shut] = [await echoPort(), await portForDaemon()]
    const { code, stdout, events } = await ask('-zv', '127.0.0.1', open, shut)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(events).toMatchObject([
      { event: 'port', endpoint: { port: open }, result: 'open', remote: { port: open } },
      {
        event: 'port',
        endpoint: { port: shut },
        result: 'failed',
        code: 'ERR_REFUSED',
        errno: 'ECONNREFUSED',
      },
    ])
    const none = await ask('-z', '127.0.0.1', shut)
    expect(none.code).toBe(4)
    expect(none.events.map(one => one.event)).toEqual(['port', 'error'])
  })

  it('says that it was stopped', async () => {
    const one = new Sockctl(['connect', '--json', `127.0.0.1:${await echoPort()}`])
    running.push(one)
    await one.says('stderr', /"open"/)
    one.child.kill('SIGINT')
    const { code, stderr } = await one.outcome()
    expect(code).toBe(130)
    expect(parseEvents(stderr)).toMatchObject([
      { event: 'open' },
      { event: 'close', ended: 'stopped' },
    ])
  })

  it('shows no secret', async () => {
    const secret = 'not-to-be-seen'
    const { events } = await ask('--token', secret, `127.0.0.1:${await echoPort()}`)
    expect(events[0]).toMatchObject({ event: 'note', text: expect.stringMatching(/--token/) })
    expect(JSON.stringify(events)).not.toContain(secret)
  })

  it('calls it no error when the reader of stdout has left', async () => {
    const port = await serve(':0', '-4', '--chargen')
    const one = new Sockctl(['connect', '--json', `127.0.0.1:${port}`])
    running.push(one)
    await one.says('stdout', /x/)
    one.child.stdout?.destroy()
    await once(one.child, 'close')
    expect(parseEvents(one.stderr).filter(({ event }) => event === 'error')).toEqual([])
    expect(one.child.exitCode).toBe(0)
  })
})
