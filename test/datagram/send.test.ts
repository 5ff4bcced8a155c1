import { afterEach, describe, expect, it } from 'vitest'
import {
  type DatagramSendOptions,
  type SendEvent,
  type SendOutcome,
  sendDatagrams,
} from '../../src/datagram/send.ts'
import type { InetEndpoint } from '../../src/endpoint/types.ts'
import { type DestinationOptions, destinationsOf } from '../../src/transports/udp/destination.ts'
import { UdpPeer } from '../support/datagrams.ts'
import { within } from '../support/deadline.ts'

const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

async function peer(host?: string, port?: number): Promise<UdpPeer> {
  const one = await UdpPeer.open(host, port)
  opened.push(one)
  return one
}

/** A port that nothing is bound to, on either loopback. */
async function closedPort(): Promise<number> {
  const one = await UdpPeer.open('127.0.0.1')
  const { port } = one
  one.close()
  return port
}

function udp(host: string | undefined, port: number): InetEndpoint {
  return { scheme: 'udp', host, port }
}

async function* of(...payloads: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const payload of payloads) yield Buffer.from(payload as string)
}

async function send(
  endpoint: InetEndpoint,
  options: Partial<DatagramSendOptions & DestinationOptions> = {},
): Promise<{ outcome: SendOutcome; events: SendEvent[]; replies: string[] }> {
  const events: SendEvent[] = []
  const outcome = await sendDatagrams({
    destinations: await destinationsOf(endpoint, options),
    payloads: of('hello'),
    waitMs: 2000,
    onEvent: event => events.push(event),
    ...options,
  })
  const replies = events.flatMap(one => (one.event === 'reply' ? [one.data.toString()] : []))
  return { outcome, events, replies }
}

/** Answers `times` datagrams with what `reply` makes of them. */
async function answer(server: UdpPeer, times: number, reply = (data: Buffer) => data) {
  for (let i = 0; i < times; i++) {
    const { data, host, port } = await server.next()
    await server.send(reply(data), port, host)
  }
}

describe('sendDatagrams', () => {
  it.each(['127.0.0.1', '::1', 'localhost', undefined])('asks %s and is answered', async host => {
    const server = await peer(host === '::1' ? '::1' : '127.0.0.1')
    const [{ outcome, events }] = await Promise.all([
      send(udp(host, server.port)),
      answer(server, 1),
    ])
    expect(outcome).toMatchObject({ verdict: 'answered', sent: 1, sentBytes: 5, replies: 1 })
    const [sent, reply] = events
    expect(sent).toMatchObject({ event: 'sent', bytes: 5, remote: { port: server.port } })
    expect(reply).toMatchObject({ event: 'reply', id: 1, data: Buffer.from('hello') })
    expect(reply?.event === 'reply' && reply.rttMs).toBeGreaterThan(0)
  })

  it('says where it sends from', async () => {
    const server = await peer()
    const source = await closedPort()
    const [{ events }, { host, port }] = await Promise.all([
      send(udp('127.0.0.1', server.port), {
        localHost: '127.0.0.3',
        localPort: source,
        waitMs: 1,
      }),
      server.next(),
    ])
    expect({ host, port }).toEqual({ host: '127.0.0.3', port: source })
    expect(events[0]).toMatchObject({ local: { host: '127.0.0.3', port: source } })
  })

  it('tells refusal from silence', async () => {
    const silent = await peer()
    const refused = await send(udp('127.0.0.1', await closedPort()))
    expect(refused.outcome).toMatchObject({
      verdict: 'refused',
      error: { code: 'ECONNREFUSED' },
      hearsRefusals: true,
    })
    const { outcome } = await send(udp('127.0.0.1', silent.port), { waitMs: 30 })
    expect(outcome).toMatchObject({ verdict: 'silent', sent: 1, replies: 0, hearsRefusals: true })
  })

  it('goes on to ::1 when nobody is at 127.0.0.1, with everything that there is to send', async () => {
    const server = await peer('::1')
    const [{ outcome, events, replies }] = await Promise.all([
      send(udp('localhost', server.port), { payloads: of('one', 'two', 'three') }),
      answer(server, 3),
    ])
    expect(outcome).toMatchObject({ verdict: 'answered', remote: { host: '::1' }, sent: 3 })
    expect(replies).toEqual(['one', 'two', 'three'])
    expect(events.filter(one => one.event === 'refused')).toMatchObject([
      { remote: { host: '127.0.0.1', port: server.port }, error: { code: 'ECONNREFUSED' } },
    ])
  })

  it('is refused by localhost when neither loopback has anybody', async () => {
    const { outcome } = await send(udp('localhost', await closedPort()))
    expect(outcome).toMatchObject({ verdict: 'refused', remote: { host: '::1' } })
  })

  it('ends as soon as there are as many replies as datagrams', async () => {
    const server = await peer()
    const sending = send(udp('127.0.0.1', server.port), {
      payloads: of('a', 'b', 'c'),
      waitMs: 60_000,
    })
    const [{ outcome, replies }] = await Promise.all([
      within(5000, 'the end', sending),
      answer(server, 3),
    ])
    expect(outcome).toMatchObject({ verdict: 'answered', sent: 3, replies: 3 })
    expect(replies).toEqual(['a', 'b', 'c'])
  })

  it('waits for more replies where more are wanted', async () => {
    const server = await peer()
    const sending = send(udp('127.0.0.1', server.port), { wantedReplies: 3, waitMs: 60_000 })
    const { host, port } = await server.next()
    for (const reply of ['1', '2', '3']) await server.send(reply, port, host)
    expect((await within(5000, 'the end', sending)).replies).toEqual(['1', '2', '3'])
  })

  it('sends each datagram when it is there, not when all are', async () => {
    const server = await peer()
    let release = (): void => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    async function* slowly(): AsyncGenerator<Buffer> {
      yield Buffer.from('first')
      await held
      yield Buffer.from('second')
    }
    const sending = send(udp('127.0.0.1', server.port), { payloads: slowly(), waitMs: 1 })
    expect((await server.next()).data.toString()).toBe('first')
    release()
    expect((await server.next()).data.toString()).toBe('second')
    expect((await sending).outcome.sent).toBe(2)
  })

  it('ends on a refusal in the middle, while more is still to come', async () => {
    const server = await UdpPeer.open()
    const { port } = server
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('first')
      await server.next()
      server.close()
      yield Buffer.from('second')
      await new Promise(() => {})
    }
    const { outcome } = await within(
      5000,
      'the end',
      send(udp('127.0.0.1', port), { payloads: endless() }),
    )
    expect(outcome).toMatchObject({ verdict: 'refused', sent: 2 })
  })

  it('hears only the one that it asked, and with anyPeer everybody', async () => {
    const server = await peer()
    const other = await peer()
    const ask = async (anyPeer: boolean): Promise<readonly string[]> => {
      const sending = send(udp('127.0.0.1', server.port), { anyPeer, waitMs: 100 })
      const { host, port } = await server.next()
      await other.send('from elsewhere', port, host)
      return (await sending).replies
    }
    expect(await ask(false)).toEqual([])
    expect(await ask(true)).toEqual(['from elsewhere'])
  })

  it.each([
    ['127.0.0.1', 0],
    ['127.0.0.1', 65_507],
    ['::1', 65_507],
  ])('sends to %s what has %i bytes', async (host, size) => {
    const server = await peer(host)
    const data = Buffer.alloc(size, 'xyz')
    await Promise.all([
      send(udp(host, server.port), { payloads: of(data), waitMs: 1 }),
      server.next().then(received => expect(received.data.equals(data)).toBe(true)),
    ])
  })

  it.each(['127.0.0.1', '::1'])('rejects 65,508 bytes for %s', async host => {
    const sending = send(udp(host, 9), { payloads: of(Buffer.alloc(65_508)) })
    await expect(sending).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: '65508 bytes do not fit in one datagram (65507 at most)',
    })
  })

  it('rejects having nothing to send', async () => {
    await expect(send(udp('127.0.0.1', 9), { payloads: of() })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'nothing to send',
    })
  })

  it.each([
    [udp('host.invalid', 9), { numeric: true }, 'ERR_NOT_FOUND'],
    [udp('127.0.0.1', 9), { family: 6 }, 'ERR_NOT_FOUND'],
    [udp('127.0.0.1', 9), { localHost: '::1' }, 'ERR_NOT_FOUND'],
    [udp('127.0.0.1', 9), { localHost: '192.0.2.77' }, 'ERR_NOT_FOUND'],
    [udp('127.0.0.1', 9), { interface: 'no-such' }, 'ERR_NOT_FOUND'],
    [udp('127.0.0.1', 9), { interface: 'lo' }, 'ERR_USAGE'],
    [udp('127.0.0.1', 9), { ttl: 0 }, 'ERR_USAGE'],
    [udp('fe80::1', 9), {}, 'ERR_USAGE'],
    [udp('fe80::1%no-such', 9), {}, 'ERR_NOT_FOUND'],
    [udp('ff02::1%no-such', 9), {}, 'ERR_NOT_FOUND'],
    [udp('239.1.2.3', 9), { interface: 'no-such' }, 'ERR_NOT_FOUND'],
    [udp('127.0.0.1', 0), {}, 'ERR_USAGE'],
    [udp('255.255.255.255', 9), {}, 'ERR_USAGE'],
    [udp('127.255.255.255', 9), {}, 'ERR_DENIED'],
    [udp('::1', 9), { broadcast: true }, 'ERR_NOT_FOUND'],
  ] as const)('rejects %o with %o', async (endpoint, options, code) => {
    await expect(send(endpoint, options)).rejects.toMatchObject({ code })
  })

  it('rejects a source port that is in use', async () => {
    const other = await peer()
    const sending = send(udp('127.0.0.1', 9), { localHost: '127.0.0.1', localPort: other.port })
    await expect(sending).rejects.toMatchObject({ code: 'ERR_IN_USE' })
  })

  it('broadcasts, and hears whoever answers', async () => {
    const server = await peer('0.0.0.0')
    const [{ outcome, events }] = await Promise.all([
      send(udp('127.255.255.255', server.port), { broadcast: true, wantedReplies: 1 }),
      answer(server, 1),
    ])
    expect(outcome).toMatchObject({ verdict: 'answered', hearsRefusals: false })
    expect(events[0]).toMatchObject({ local: { host: '127.0.0.1' } })
  })

  it.each(['before anything is sent', 'while it waits'])('stops when told to, %s', async when => {
    const server = await peer()
    const stopping = new AbortController()
    async function* never(): AsyncGenerator<Buffer> {
      await new Promise(() => {})
      yield Buffer.alloc(0)
    }
    const sending = send(udp('127.0.0.1', server.port), {
      payloads: when === 'while it waits' ? of('x') : never(),
      waitMs: 60_000,
      signal: stopping.signal,
    })
    if (when === 'while it waits') await server.next()
    stopping.abort()
    const { outcome } = await within(5000, 'the end', sending)
    expect(outcome.verdict).toBe('stopped')
  })
})
