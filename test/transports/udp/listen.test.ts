import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import type { Address } from '../../../src/address.ts'
import type { Channel, Message } from '../../../src/channel/types.ts'
import { chargen } from '../../../src/handlers/chargen.ts'
import { echo } from '../../../src/handlers/echo.ts'
import { exec } from '../../../src/handlers/exec.ts'
import { forward } from '../../../src/handlers/forward.ts'
import { hang } from '../../../src/handlers/hang.ts'
import { reply } from '../../../src/handlers/reply.ts'
import type { Handler } from '../../../src/handlers/types.ts'
import { idleTimeout } from '../../../src/layers/idle-timeout.ts'
import type { ServeOptions } from '../../../src/session/serve.ts'
import { UdpPeer } from '../../support/datagrams.ts'
import { endSessionsAfterEach, startSession } from '../../support/serve-session.ts'

endSessionsAfterEach()

const peers: UdpPeer[] = []
afterEach(() => {
  for (const one of peers.splice(0)) one.close()
})

async function peer(host?: string): Promise<UdpPeer> {
  const one = await UdpPeer.open(host)
  peers.push(one)
  return one
}

const local = { scheme: 'udp', host: '127.0.0.1', port: 0 } as const

function start(handler: Parameters<typeof startSession>[0], options: Partial<ServeOptions> = {}) {
  return startSession(handler, { endpoints: [local], ...options })
}

describe('udp://, listening', () => {
  it('answers each peer, a datagram for a datagram, of any size', async () => {
    const { port, event } = await start(echo())
    const [anna, ben] = [await peer(), await peer()]
    for (const size of [1, 0, 1400, 9000, 65_507]) {
      const data = Buffer.alloc(size, size % 251)
      expect((await anna.ask(data, port)).data.equals(data)).toBe(true)
      expect(`${(await ben.ask(`b${size}`, port)).data}`).toBe(`b${size}`)
    }
    expect((await event('open', 2)).remote).toMatchObject({ port: ben.port })
  })

  it('stands on both loopbacks, and answers from the address that was called', async () => {
    const endpoint = { ...local, host: undefined }
    const { port } = await start(echo(), { endpoints: [endpoint] })
    for (const host of ['127.0.0.1', '::1']) {
      const one = await peer(host)
      expect(await one.ask('x', port, host)).toMatchObject({ host, port })
    }
  })

  it('answers from each address of the machine where it stands on all', async () => {
    const outer = Object.values(networkInterfaces())
      .flatMap(infos => infos ?? [])
      .find(info => info.family === 'IPv4' && !info.internal)
    const endpoint = { ...local, host: undefined }
    const options = { endpoints: [endpoint], listen: { public: true, family: 4 } } as const
    const { port } = await start(echo(), options)
    for (const host of ['127.0.0.1', ...(outer === undefined ? [] : [outer.address])]) {
      const one = await peer(host)
      expect(await one.ask('x', port, host)).toMatchObject({ host, port })
    }
  })

  it('says once of each peer that there is no room for it, until there is', async () => {
    const untilBye: Handler = async ({ duplex }) => {
      for await (const message of duplex as AsyncIterable<Message>) {
        if (`${message.data}` === 'bye') break
        duplex.write(message)
      }
    }
    const { port, event, events } = await start(untilBye, { maxConns: 1 })
    const refused = () => events.filter(one => one.event === 'refused')
    const [anna, ben] = [await peer(), await peer()]
    for (const turn of [1, 2]) {
      await anna.ask('x', port)
      for (let count = 0; count < 3; count++) await ben.send('x', port)
      // What is asked after it is answered after it.
      await anna.ask('x', port)
      expect(refused()).toHaveLength(turn)
      expect(refused()[0]).toMatchObject({ reason: 'max-conns', remote: { port: ben.port } })
      for (const one of [anna, ben]) {
        await one.send('bye', port)
        await event('close', one === anna ? 2 * turn - 1 : 2 * turn)
        if (one === anna) await ben.ask('x', port)
      }
    }
  })

  it('says it once too where both come at the same time', async () => {
    const { port, event, events } = await start(echo(), { maxConns: 1 })
    const both = [await peer(), await peer()]
    for (const one of [...both, ...both, ...both]) await one.send('x', port)
    const { remote } = await event('open')
    const first = both.find(one => 'port' in remote && one.port === remote.port)
    await first?.send('the last', port)
    while (`${(await first?.next())?.data}` === 'x');
    expect(events.filter(one => one.event === 'refused')).toHaveLength(1)
  })

  it('is over after a silence, and begins anew with the next datagram', async () => {
    const expire = idleTimeout(50)
    const { port, event } = await start(echo(), { layers: [expire] })
    const one = await peer()
    await one.ask('x', port)
    expect(await event('close')).toMatchObject({ how: 'timeout', bytesIn: 1, bytesOut: 1 })
    expect(`${(await one.ask('again', port)).data}`).toBe('again')
    expect((await event('open', 2)).remote).toMatchObject({ port: one.port })
  })

  it('asks about each peer, tells once of one that may not in, and keeps nothing of it', async () => {
    const admit = (remote: Address): 'denied' | undefined =>
      remote.family !== 'unix' && remote.port === stranger.port ? 'denied' : undefined
    const [stranger, friend] = [await peer(), await peer()]
    const { session, port, events } = await start(echo(), { listen: { admit } })
    for (let turn = 0; turn < 5; turn++) await stranger.send('let me in', port)
    expect(`${(await friend.ask('x', port)).data}`).toBe('x')
    expect(events.filter(one => one.event === 'refused')).toHaveLength(1)
    expect(session.openCount).toBe(1)
  })

  it('drops what comes faster than it is read, and says how much', async () => {
    const { session, port, event } = await start(hang())
    const flood = await peer()
    await flood.send(Buffer.alloc(1000), port)
    await event('open')
    const sentBytes = 3 * 1024 * 1024
    for (let sent = 0; sent < sentBytes; sent += 60_000) {
      await flood.send(Buffer.alloc(60_000), port)
    }
    // The last to come, which shows that the others have.
    const late = await peer()
    await late.send('x', port)
    await event('open', 2)
    session.abandon()
    const { ending = '' } = await event('close')
    expect(ending).toMatch(/^dropped \d+ that came too fast \(.*MiB\)$/)
  })

  it('ends at once when stopped, with what it still has to say', async () => {
    const { session, port, event } = await start(echo(), { graceMs: 60_000 })
    const one = await peer()
    await one.ask('x', port)
    await session.stop()
    expect(await event('close')).toMatchObject({ how: 'fin', bytesOut: 1 })
    const again = await startSession(echo(), { endpoints: [{ ...local, port }] })
    expect(again.port).toBe(port)
  })

  it('sends a reply to each who says something', async () => {
    const { port } = await start(reply({ data: Buffer.from('no') }))
    const one = await peer()
    expect(`${(await one.ask('?', port)).data}`).toBe('no')
    expect(`${(await one.ask('?', port)).data}`).toBe('no')
  })

  it('sends characters for a datagram, and no more of them than that', async () => {
    const { port, event } = await start(chargen(), { layers: [idleTimeout(200)] })
    const one = await peer()
    const first = await one.ask('', port)
    expect(first.data).toHaveLength(512)
    expect((await one.ask('', port)).data.equals(first.data)).toBe(false)
    await event('close')
    expect(one.unread).toBe(0)
  })

  it('runs a command for each conversation', async () => {
    const { port } = await start(
      exec({ command: ['cat'], env: process.env, stderr: process.stderr }),
    )
    const one = await peer()
    expect(`${(await one.ask('no line break', port)).data}`).toBe('no line break')
  })

  it('forwards to another port of datagrams, each peer by a socket of its own', async () => {
    const backend = await peer()
    const target = { scheme: 'udp', host: '127.0.0.1', port: backend.port } as const
    const { port } = await start(forward({ targets: [target] }))
    const [anna, ben] = [await peer(), await peer()]
    await anna.send('from anna', port)
    const fromAnna = await backend.next()
    await ben.send('from ben', port)
    const fromBen = await backend.next()
    expect(`${fromAnna.data} ${fromBen.data}`).toBe('from anna from ben')
    await backend.send('to ben', fromBen.port)
    await backend.send('to anna', fromAnna.port)
    expect(await ben.next()).toMatchObject({ data: Buffer.from('to ben'), port })
    expect(await anna.next()).toMatchObject({ data: Buffer.from('to anna'), port })
  })

  it('forwards to a stream, by lengths', async () => {
    const inner = await startSession(echo())
    const target = { scheme: 'tcp', host: '127.0.0.1', port: inner.port } as const
    const { port } = await start(forward({ targets: [target] }), { framing: 'length' })
    const one = await peer()
    for (const text of ['one', 'two\nlines', '']) {
      expect(`${(await one.ask(text, port)).data}`).toBe(text)
    }
  })

  it('keeps a thousand conversations apart', async () => {
    const { port, session } = await start(echo())
    const all = await Promise.all(Array.from({ length: 1000 }, () => peer()))
    await Promise.all(
      all.map(async (one, index) => {
        expect(`${(await one.ask(`I am ${index}`, port)).data}`).toBe(`I am ${index}`)
      }),
    )
    expect(session.openCount).toBe(1000)
  })

  it('gives a layer whole messages', async () => {
    const seen: unknown[] = []
    const watch = (channel: Channel): Channel => {
      channel.duplex.on('data', (message: Message) => seen.push(message.data.length))
      return channel
    }
    const { port } = await start(echo(), { layers: [watch] })
    const one = await peer()
    await one.ask(Buffer.alloc(40_000), port)
    expect(seen).toEqual([40_000])
  })
})
