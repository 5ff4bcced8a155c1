import { afterEach, describe, expect, it } from 'vitest'
import type { ListenEvent } from '../../src/datagram/events.ts'
import {
  type DatagramListener,
  type DatagramListenOptions,
  listenForDatagrams,
} from '../../src/datagram/listen.ts'
import type { InetEndpoint } from '../../src/endpoint/types.ts'
import { UdpPeer } from '../support/datagrams.ts'
import { within } from '../support/deadline.ts'

const opened: { close(): void }[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
})

const echo = (data: Buffer): Buffer => data

function udp(host: string | undefined, port = 0): InetEndpoint {
  return { scheme: 'udp', host, port }
}

async function listen(
  options: Partial<DatagramListenOptions> = {},
): Promise<{ listener: DatagramListener; events: ListenEvent[]; port: number }> {
  const events: ListenEvent[] = []
  const listener = await listenForDatagrams({
    endpoints: [udp(undefined)],
    onEvent: event => events.push(event),
    ...options,
  })
  opened.push({ close: () => listener.abandon() })
  return { listener, events, port: listener.addresses[0]?.port ?? 0 }
}

async function peer(host?: string, port?: number): Promise<UdpPeer> {
  const one = await UdpPeer.open(host, port)
  opened.push(one)
  return one
}

describe('listenForDatagrams', () => {
  it('stands on both loopbacks with one port where no host is given', async () => {
    const { listener, port } = await listen()
    expect(listener.addresses).toEqual([
      { family: 'ipv4', host: '127.0.0.1', port },
      { family: 'ipv6', host: '::1', port },
    ])
  })

  it.each([
    ['localhost', undefined, ['127.0.0.1', '::1']],
    ['127.0.0.2', undefined, ['127.0.0.2']],
    [undefined, 4, ['127.0.0.1']],
    [undefined, 6, ['::1']],
  ] as const)('stands on what %s with family %s means', async (host, family, expected) => {
    const { listener } = await listen({ endpoints: [udp(host)], family })
    expect(listener.addresses.map(one => one.host)).toEqual(expected)
  })

  it('stands on every interface when it is public, and on IPv4 and IPv6 apart', async () => {
    const { listener } = await listen({ public: true })
    expect(listener.addresses.map(one => one.host)).toEqual(['0.0.0.0', '::'])
  })

  it('serves several endpoints', async () => {
    const { listener, port, events } = await listen({
      endpoints: [udp('127.0.0.1'), udp('127.0.0.2')],
      answer: echo,
    })
    const client = await peer()
    const [, second] = listener.addresses
    expect((await client.ask('a', port)).port).toBe(port)
    expect(await client.ask('b', second?.port ?? 0, '127.0.0.2')).toMatchObject({
      host: '127.0.0.2',
      port: second?.port,
    })
    expect(events.filter(one => one.event === 'datagram')).toHaveLength(2)
  })

  it('tells who sent what, to where, in order', async () => {
    const { events, port, listener } = await listen({ maxDatagrams: 2 })
    const v4 = await peer()
    const v6 = await peer('::1')
    await v4.send('one', port)
    await v6.send('two', port, '::1')
    expect(await within(5000, 'two datagrams', listener.over)).toBe('count')
    expect(events.map(one => one.event === 'datagram' && { ...one, id: 0 })).toEqual(
      expect.arrayContaining([
        {
          event: 'datagram',
          id: 0,
          data: Buffer.from('one'),
          remote: { family: 'ipv4', host: '127.0.0.1', port: v4.port },
          local: { family: 'ipv4', host: '127.0.0.1', port },
        },
        {
          event: 'datagram',
          id: 0,
          data: Buffer.from('two'),
          remote: { family: 'ipv6', host: '::1', port: v6.port },
          local: { family: 'ipv6', host: '::1', port },
        },
      ]),
    )
    expect(events.map(one => one.event === 'datagram' && one.id)).toEqual([1, 2])
    expect(listener.totals).toMatchObject({ datagrams: 2, bytes: 6, replies: 0, denied: 0 })
  })

  it('answers each of 20 peers with 50 datagrams of its own, and loses none', async () => {
    const { port, listener } = await listen({ answer: echo })
    const talk = async (number: number): Promise<void> => {
      const host = number % 2 === 0 ? '127.0.0.1' : '::1'
      const client = await peer(host)
      for (let i = 0; i < 50; i++) {
        const reply = await client.ask(`peer ${number}, datagram ${i}`, port, host)
        expect(reply).toEqual({ data: Buffer.from(`peer ${number}, datagram ${i}`), host, port })
      }
      expect(client.unread).toBe(0)
    }
    await Promise.all(Array.from({ length: 20 }, (_, number) => talk(number)))
    expect(listener.totals).toMatchObject({ datagrams: 1000, replies: 1000 })
  })

  it.each([0, 1, 1472, 1473, 9000, 65_507])('echoes %d bytes', async size => {
    const { port } = await listen({ answer: echo })
    const data = Buffer.alloc(size, 'abc')
    for (const host of ['127.0.0.1', '::1']) {
      const reply = await (await peer(host)).ask(data, port, host)
      expect(reply.data.equals(data)).toBe(true)
    }
  })

  it('answers from the address that was asked, also where it stands on all of them', async () => {
    const { listener, port } = await listen({
      endpoints: [udp('0.0.0.0')],
      answer: echo,
      allow: ['127.0.0.0/8'],
    })
    const client = await peer()
    const hosts = listener.addresses.map(one => one.host)
    expect(hosts).toContain('127.0.0.1')
    // To a wildcard socket all of them would be 127.0.0.1, and their askers would not know it.
    for (const host of hosts)
      expect(await client.ask('x', port, host)).toMatchObject({ host, port })
  })

  it('stands on all addresses of both families when it answers on [::] alone', async () => {
    const { listener } = await listen({
      endpoints: [udp('::')],
      answer: echo,
      allow: ['127.0.0.0/8'],
    })
    const hosts = listener.addresses.map(one => one.host)
    expect(hosts).toEqual(expect.arrayContaining(['127.0.0.1', '::1']))
  })

  it('hears IPv4 on [::] alone, and calls the peer by its own address', async () => {
    const { events, port, listener } = await listen({ endpoints: [udp('::')], maxDatagrams: 1 })
    const client = await peer()
    await client.send('x', port)
    await within(5000, 'a datagram', listener.over)
    expect(events).toMatchObject([{ remote: { family: 'ipv4', host: '127.0.0.1' } }])
  })

  it('keeps every answer on its way when it stops at a count', async () => {
    const { port, listener } = await listen({ answer: echo, maxDatagrams: 1 })
    expect((await (await peer()).ask('last', port)).data.toString()).toBe('last')
    expect(await listener.over).toBe('count')
    expect(listener.totals.replies).toBe(1)
  })

  it('stops when its time is up, and when nothing comes', async () => {
    expect(await (await listen({ durationMs: 20 })).listener.over).toBe('time')
    expect(await (await listen({ idleMs: 20 })).listener.over).toBe('idle')
  })

  it('counts the idle time from the last datagram', async () => {
    const { listener, port } = await listen({ idleMs: 300, answer: echo })
    const client = await peer()
    const startedAt = performance.now()
    while (performance.now() - startedAt < 500) await client.ask('still there', port)
    expect(await listener.over).toBe('idle')
    expect(performance.now() - startedAt).toBeGreaterThan(750)
  })

  it('reads what has arrived before it stops, and is not kept by what goes on arriving', async () => {
    const { listener, port } = await listen()
    const client = await peer()
    for (let i = 0; i < 100; i++) await client.send(`${i}`, port)
    listener.stop()
    expect(await listener.over).toBe('stopped')
    expect(listener.totals.datagrams).toBe(100)

    const flooded = await listen()
    let isOver = false
    const flooding = (async () => {
      while (!isOver) {
        await client.send('more', flooded.port)
        await new Promise(setImmediate)
      }
    })()
    flooded.listener.stop()
    await within(5000, 'the end', flooded.listener.over)
    isOver = true
    await flooding
  })

  it.skipIf(process.platform !== 'linux')('counts what the kernel had no room for', async () => {
    const { listener, port } = await listen({ buffers: { receiveBytes: 4096 } })
    const client = await peer()
    // All before the listener can read any: few fit.
    for (let i = 0; i < 100; i++) await client.send(Buffer.alloc(1000), port)
    listener.stop()
    await listener.over
    const { datagrams, lost = 0 } = listener.totals
    expect(lost).toBeGreaterThan(50)
    expect(datagrams + lost).toBe(100)
  })

  it('frees its port when it is stopped', async () => {
    const { listener, port } = await listen()
    listener.stop()
    expect(await listener.over).toBe('stopped')
    await listen({ endpoints: [udp(undefined, port)] })
  })

  it('refuses a port that is in use, on either loopback, and leaves the other free', async () => {
    const other = await peer('::1')
    await expect(listen({ endpoints: [udp(undefined, other.port)] })).rejects.toMatchObject({
      code: 'ERR_IN_USE',
      message: `cannot listen on udp://:${other.port}: address in use (EADDRINUSE)`,
    })
    await peer('127.0.0.1', other.port)
  })

  it.each([
    [udp('127.0.0.1'), { interface: 'lo' }, 'ERR_USAGE'],
    [udp('fe80::1'), {}, 'ERR_USAGE'],
    [udp('fe80::1%no-such'), {}, 'ERR_NOT_FOUND'],
    [udp('ff02::1%no-such'), {}, 'ERR_NOT_FOUND'],
    [udp('239.1.2.3'), { interface: 'no-such' }, 'ERR_NOT_FOUND'],
    [udp(undefined), { interface: 'no-such' }, 'ERR_NOT_FOUND'],
    [udp('::1'), { family: 4 }, 'ERR_NOT_FOUND'],
  ] as const)('rejects %o with %o', async (endpoint, options, code) => {
    await expect(listen({ endpoints: [endpoint], ...options })).rejects.toMatchObject({ code })
  })

  it('stands on the addresses of an interface where it is told one instead of a host', async () => {
    const { listener } = await listen({ interface: '127.0.0.1' })
    expect(listener.addresses.map(one => one.host)).toEqual(['127.0.0.1', '::1'])
  })

  it('refuses an address that is not of this machine', async () => {
    await expect(listen({ endpoints: [udp('192.0.2.77')] })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    })
  })

  describe('with an answer', () => {
    it.each([{ public: true }, { endpoints: [udp('0.0.0.0')] }, { endpoints: [udp('239.1.2.3')] }])(
      'refuses to answer anyone on the network: %o',
      async options => {
        await expect(listen({ ...options, answer: echo })).rejects.toMatchObject({
          code: 'ERR_USAGE',
          message: expect.stringContaining('reflection'),
        })
      },
    )

    it('hears only who is allowed', async () => {
      const { port, events, listener } = await listen({
        answer: echo,
        allow: ['127.0.0.0/8'],
        deny: ['127.0.0.3'],
      })
      const denied = await peer('127.0.0.3')
      await denied.send('no', port)
      const outside = await peer('::1')
      await outside.send('nor you', port, '::1')
      expect((await (await peer('127.0.0.2')).ask('yes', port)).data.toString()).toBe('yes')
      // Two sockets: the one over IPv6 may be read later than the one over IPv4.
      while (listener.totals.denied < 2) await (await peer('127.0.0.2')).ask('again', port)
      expect(events.filter(one => one.event === 'denied')).toMatchObject([
        { remote: { host: '127.0.0.3', port: denied.port }, bytes: 2 },
        { remote: { host: '::1', port: outside.port }, bytes: 7 },
      ])
      expect(denied.unread + outside.unread).toBe(0)
    })

    it('rejects a network that is none', async () => {
      await expect(listen({ allow: ['10.0.0.0/33'] })).rejects.toMatchObject({ code: 'ERR_USAGE' })
    })
  })

  it('says when the kernel gives a smaller buffer than asked for', async () => {
    const { events } = await listen({ buffers: { receiveBytes: 2 ** 30, sendBytes: 64 * 1024 } })
    const text = expect.stringMatching(/receive buffer of .* at most, not 1 GiB/)
    expect(events).toMatchObject([{ event: 'trouble', text }])
  })
})
