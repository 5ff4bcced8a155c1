import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Message } from '../../src/channel/types.ts'
import { relay } from '../../src/handlers/relay.ts'
import { Room } from '../../src/relay/room.ts'
import { UdpPeer } from '../support/datagrams.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import {
  dialRaw,
  endSessionsAfterEach,
  openDescriptors,
  type Started,
  startSession,
} from '../support/serve-session.ts'
import { closeWebSocketsAfterEach, WebSocketPeer } from '../support/web-socket-peer.ts'

endSessionsAfterEach()
closeWebSocketsAfterEach()

/** A client that keeps what it hears. */
class Listener {
  readonly socket: Socket
  heard = ''

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => {
      this.heard += chunk.toString('latin1')
    })
  }

  async hears(text: string): Promise<void> {
    const listen = async (): Promise<void> => {
      while (!this.heard.includes(text)) await once(this.socket, 'data')
    }
    await within(5000, `"${text}" (heard so far: "${this.heard}")`, listen())
  }
}

/** Comes in, and is known to be in when this settles. */
async function join(server: Started, by: 'port' | 'path' = 'port'): Promise<Listener> {
  const opened = server.events.filter(one => one.event === 'open').length
  const listener = new Listener(await dialRaw(server[by]))
  await server.event('open', opened + 1)
  return listener
}

describe('relay', () => {
  it('passes what one says on to all the others, whatever they came by, and never back', async () => {
    const server = await startSession(relay({ room: new Room() }))
    const ana = await join(server)
    const bob = await join(server, 'path')
    const eve = await join(server)
    ana.socket.write('hello')
    await Promise.all([bob.hears('hello'), eve.hears('hello')])
    bob.socket.write('hi ana')
    await Promise.all([ana.hears('hi ana'), eve.hears('hi ana')])
    expect(ana.heard).toBe('hi ana')
    expect(bob.heard).toBe('hello')
  })

  it('lets several servers share a room', async () => {
    const room = new Room()
    const [one, two] = [await startSession(relay({ room })), await startSession(relay({ room }))]
    const [ana, bob] = [await join(one), await join(two)]
    ana.socket.write('across')
    await bob.hears('across')
  })

  it('tells those who come later nothing of what was said', async () => {
    const server = await startSession(relay({ room: new Room() }))
    const ana = await join(server)
    const bob = await join(server)
    ana.socket.write('old')
    await bob.hears('old')
    const late = await join(server)
    ana.socket.write('new')
    await late.hears('new')
    expect(late.heard).toBe('new')
  })

  it('lets one that has ended its side go on listening', async () => {
    const server = await startSession(relay({ room: new Room() }))
    const ana = await join(server)
    const bob = await join(server)
    ana.socket.end('my last word')
    await bob.hears('my last word')
    await new Promise(resolve => setTimeout(resolve, 300))
    bob.socket.write('still there?')
    await ana.hears('still there?')
  })

  it('is over for all when nobody is left who could say something', async () => {
    const server = await startSession(relay({ room: new Room() }))
    const ana = await join(server)
    const bob = await join(server)
    const ended = [once(ana.socket, 'end'), once(bob.socket, 'end')]
    ana.socket.end('one')
    bob.socket.end('two')
    await within(5000, 'end', Promise.all(ended))
    expect([ana.heard, bob.heard]).toEqual(['two', 'one'])
    await server.event('close', 2)
  })

  it('notices those that are gone although they had ended in good order', async () => {
    const server = await startSession(relay({ room: new Room() }))
    await join(server)
    const path = await join(server, 'path')
    path.socket.end()
    path.socket.destroy()
    expect(await server.event('close')).toMatchObject({ id: 2 })
  })

  it('passes on lines that are whole, from however many senders', async () => {
    const server = await startSession(relay({ room: new Room(), lines: true }))
    const listener = await join(server)
    const senders = await Promise.all(Array.from({ length: 10 }, () => join(server)))
    const lines = 200
    for (let line = 0; line < lines; line++) {
      for (const [index, { socket }] of senders.entries()) {
        socket.write(`${index} says `)
        await Promise.resolve()
        socket.write(`line ${line}\n`)
      }
      await new Promise(resolve => setImmediate(resolve))
    }
    for (const { socket } of senders) socket.end('bye')
    const expected = senders.flatMap((_, index) => [
      ...Array.from({ length: lines }, (_, line) => `${index} says line ${line}`),
      'bye',
    ])
    while (listener.heard.split('\n').length <= expected.length) await once(listener.socket, 'data')
    expect(listener.heard.trimEnd().split('\n').sort()).toEqual(expected.sort())
  })

  it('loses nothing on the way to a thousand listeners', async () => {
    const server = await startSession(relay({ room: new Room() }))
    const sender = await dialRaw(server.port)
    const listeners = await Promise.all(Array.from({ length: 1000 }, () => dialRaw(server.port)))
    await server.event('open', 1001)
    const said = Buffer.alloc(400_000)
    for (let i = 0; i < said.length; i += 4) said.writeUInt32LE(i, i)
    const heard = listeners.map(async listener => {
      const all = readAll(listener)
      listener.end()
      return (await all).equals(said)
    })
    sender.end(said)
    const results = await within(15_000, 'everything', Promise.all(heard))
    expect(results.every(Boolean)).toBe(true)
  })

  it('leaves no descriptor behind', async () => {
    const server = await startSession(relay({ room: new Room() }))
    const before = openDescriptors()
    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => dialRaw(server.port)))
      await server.event('open', (round + 1) * 100)
      for (const [index, client] of clients.entries()) {
        if (index % 2 === 0) client.destroy()
        else client.resetAndDestroy()
      }
      await server.event('close', (round + 1) * 100)
    }
    expect(openDescriptors()).toBe(before)
  })

  describe('among those who get messages and those who get bytes', () => {
    const udp = { scheme: 'udp', host: '127.0.0.1', port: 0 } as const
    const peers: UdpPeer[] = []
    afterEach(() => {
      for (const one of peers.splice(0)) one.close()
    })

    /** Two of datagrams, who have come in with a word each, and one of bytes, in one room. */
    async function meet(lines: boolean) {
      const room = new Room()
      const streams = await startSession(relay({ room, lines }))
      const datagrams = await startSession(relay({ room, lines }), { endpoints: [udp] })
      const bob = await join(streams)
      const [ana, eve] = [await UdpPeer.open(), await UdpPeer.open()]
      peers.push(ana, eve)
      await ana.send('I am ana', datagrams.port)
      await bob.hears('I am ana')
      await eve.send('I am eve', datagrams.port)
      expect(`${(await ana.next()).data}`).toBe('I am eve')
      await bob.hears('I am eve')
      return { port: datagrams.port, bob, ana, eve }
    }

    it('keeps messages apart for the former, and gives the latter their bytes', async () => {
      const { port, bob, ana, eve } = await meet(false)
      for (const text of ['one', 'two', '']) await ana.send(text, port)
      for (const text of ['one', 'two', '']) expect(`${(await eve.next()).data}`).toBe(text)
      await bob.hears('onetwo')
      bob.socket.write('from bob\n')
      expect(`${(await ana.next()).data}`).toBe('from bob\n')
      expect(`${(await eve.next()).data}`).toBe('from bob\n')
    })

    it('makes a message of a line, and a line of a message, with --lines', async () => {
      const { port, bob, ana, eve } = await meet(true)
      expect(bob.heard).toBe('I am ana\nI am eve\n')
      bob.socket.write('one\ntwo\nthr')
      bob.socket.write('ee\n')
      for (const text of ['one', 'two', 'three']) {
        expect(`${(await ana.next()).data}`).toBe(text)
        expect(`${(await eve.next()).data}`).toBe(text)
      }
      await ana.send('no break', port)
      await bob.hears('no break\n')
    })
  })

  describe('among WebSockets', () => {
    const ws = { scheme: 'ws', host: '127.0.0.1', port: 0, path: '/' } as const

    /** Two WebSockets, and one of bytes, in one room. */
    async function meet({ lines = false, kind }: { lines?: boolean; kind?: Message['kind'] } = {}) {
      const room = new Room()
      const streams = await startSession(relay({ room, lines }))
      const listen = { websocket: { kind } }
      const sockets = await startSession(relay({ room, lines }), { endpoints: [ws], listen })
      const url = `ws://127.0.0.1:${sockets.port}`
      const [ana, eve] = [await WebSocketPeer.open(url), await WebSocketPeer.open(url)]
      await sockets.event('open', 2)
      return { bob: await join(streams), ana, eve }
    }

    it.each([false, true])('keeps the kind of a message (lines: %s)', async lines => {
      const { bob, ana, eve } = await meet({ lines })
      ana.say('bytes that can be read', 'binary')
      ana.say('text')
      expect(await eve.next()).toBe('binary:bytes that can be read')
      expect(await eve.next()).toBe('text:text')
      await bob.hears(lines ? 'bytes that can be read\ntext\n' : 'bytes that can be readtext')
    })

    it('takes for text what comes as bytes and can be read', async () => {
      const { bob, ana } = await meet()
      bob.socket.write('hi')
      expect(await ana.next()).toBe('text:hi')
      bob.socket.write(Buffer.from([0xff]))
      expect(await ana.next()).toMatch(/^binary:/)
    })

    it('sends what comes as bytes as the kind that is asked for, and leaves messages alone', async () => {
      const { bob, ana, eve } = await meet({ kind: 'binary' })
      bob.socket.write('hi')
      expect(await eve.next()).toBe('binary:hi')
      ana.say('text')
      expect(await eve.next()).toBe('text:text')
    })
  })
})
