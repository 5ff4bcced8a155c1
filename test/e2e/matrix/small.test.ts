import { describe, expect, it } from 'vitest'
import { HANDLERS } from '../../../src/handlers/index.ts'
import { ABILITIES, type AbleScheme } from '../../../src/transports/abilities.ts'
import {
  endpointOf,
  MADE,
  type Made,
  type Server,
  serveOn,
  type TriedHandler,
} from '../../support/matrix.ts'
import { endSessionsAfterEach, tcpEndpoint } from '../../support/serve-session.ts'

endSessionsAfterEach()

const schemes = Object.keys(ABILITIES).filter(one => one !== 'fd') as Exclude<AbleScheme, 'fd'>[]
const names = Object.keys(MADE) as TriedHandler[]

/** What each handler does with a word, whatever carries it. */
const DOES: Readonly<Record<TriedHandler, (server: Server, made: Made) => Promise<void>>> = {
  echo: answers('a word', 'a word'),
  exec: answers('a word', 'a word'),
  forward: answers('a word', 'a word'),
  reply: answers('a word', 'a reply'),
  async chargen(server) {
    const peer = await server.dial()
    peer.say('?')
    await peer.hears(100)
    expect(peer.text.slice(0, 12)).toBe(' !"#$%&\'()*+')
    peer.leave()
  },
  async discard(server) {
    const peer = await server.dial()
    peer.say('a word')
    await server.event('open')
    await server.session.stop()
    expect(await server.event('close')).toMatchObject({ bytesIn: 6, bytesOut: 0 })
    expect(peer.text).toBe('')
  },
  async hang(server) {
    const peer = await server.dial()
    peer.say('a word')
    await server.event('open')
    server.session.abandon()
    expect(await server.event('close')).toMatchObject({ how: 'stop', bytesOut: 0 })
    expect(peer.text).toBe('')
  },
  async relay(server) {
    const [ana, bob] = [await server.dial(), await server.dial()]
    // Who comes by datagrams is in when something of them has come.
    ana.say('I am ana')
    await server.event('open', 1)
    bob.say('I am bob')
    await ana.hears(8)
    expect(ana.text).toBe('I am bob')
    ana.say('hello bob')
    await bob.until(() => bob.text.endsWith('hello bob'), 'what ana says')
    expect(ana.text).toBe('I am bob')
  },
  async attach(server, { input, output }) {
    const peer = await server.dial()
    peer.say('a word')
    const said = await new Promise(resolve => output?.once('data', resolve))
    expect(`${said}`).toBe('a word')
    input?.write('to you')
    await peer.hears(6)
    expect(peer.text).toBe('to you')
  },
}

function answers(said: string, answer: string): (server: Server) => Promise<void> {
  return async server => {
    const peer = await server.dial()
    peer.say(said)
    await peer.hears(answer.length)
    expect(peer.text).toBe(answer)
    peer.leave()
  }
}

describe.each(schemes)('over %s://', scheme => {
  it.each(names)('%s does with a word what it does', async name => {
    const backend = await serveOn({ scheme: 'tcp', host: '127.0.0.1', port: 0 }, HANDLERS.echo())
    const made = MADE[name](tcpEndpoint(backend.port))
    await DOES[name](await serveOn(endpointOf(scheme), made.handler), made)
  })
})
