import { describe, expect, it } from 'vitest'
import { HANDLERS } from '../../../src/handlers/index.ts'
import { ABILITIES, type AbleScheme } from '../../../src/transports/abilities.ts'
import { endpointOf, MADE, MIRRORS, serveOn } from '../../support/matrix.ts'
import { endSessionsAfterEach, tcpEndpoint } from '../../support/serve-session.ts'

endSessionsAfterEach()

const schemes = (Object.keys(ABILITIES) as AbleScheme[]).filter(
  (one): one is Exclude<AbleScheme, 'fd'> => one !== 'fd',
)

async function start(scheme: Exclude<AbleScheme, 'fd'>, name: (typeof MIRRORS)[number]) {
  const backend = await serveOn({ scheme: 'tcp', host: '127.0.0.1', port: 0 }, HANDLERS.echo())
  const server = await serveOn(endpointOf(scheme), MADE[name](tcpEndpoint(backend.port)).handler)
  return { server, backend }
}

describe.each(schemes)('over %s://', scheme => {
  const { halfCloses, resets } = ABILITIES[scheme]

  it.runIf(halfCloses).each(MIRRORS)('%s answers one who has ended his side', async name => {
    const { server } = await start(scheme, name)
    const peer = await server.dial()
    const text = 'x'.repeat(100_000)
    peer.channel.duplex.end(text)
    await peer.until(() => peer.hasEnded, 'the end')
    expect(peer.text).toBe(text)
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'fin' })
  })

  it.runIf(resets).each(MIRRORS)('%s hears that its peer has broken off', async name => {
    const { server, backend } = await start(scheme, name)
    const peer = await server.dial()
    peer.say('x')
    await peer.hears(1)
    peer.channel.reset()
    expect(await server.event('close')).toMatchObject({ by: 'peer', how: 'rst' })
    if (name === 'forward') {
      expect(await backend.event('close')).toMatchObject({ by: 'peer', how: 'rst' })
    }
  })

  it.runIf(resets)('forward breaks off when its target does', async () => {
    const target = await serveOn({ scheme: 'tcp', host: '127.0.0.1', port: 0 }, async channel => {
      channel.duplex.once('data', () => channel.reset())
      await new Promise(resolve => channel.duplex.once('close', resolve))
    })
    const { handler } = MADE.forward(tcpEndpoint(target.port))
    const server = await serveOn(endpointOf(scheme), handler)
    const peer = await server.dial()
    peer.say('x')
    await peer.until(() => peer.error !== undefined, 'the reset')
    expect(peer.error).toMatchObject({ code: expect.stringMatching(/^(?:ECONNRESET|ERR_RESET)$/) })
  })
})
