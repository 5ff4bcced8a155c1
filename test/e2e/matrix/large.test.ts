import { describe, expect, it } from 'vitest'
import { HANDLERS } from '../../../src/handlers/index.ts'
import { ABILITIES, type AbleScheme } from '../../../src/transports/abilities.ts'
import { endpointOf, MADE, MIRRORS, mirror, serveOn } from '../../support/matrix.ts'
import { endSessionsAfterEach, tcpEndpoint } from '../../support/serve-session.ts'

endSessionsAfterEach()

const MIB = 1024 * 1024

/** Those that lose nothing. */
const schemes = (Object.keys(ABILITIES) as AbleScheme[]).filter(
  (one): one is Exclude<AbleScheme, 'fd' | 'udp'> => one !== 'fd' && ABILITIES[one].isReliable,
)

async function start(scheme: Exclude<AbleScheme, 'fd'>, name: (typeof MIRRORS)[number]) {
  const backend = await serveOn({ scheme: 'tcp', host: '127.0.0.1', port: 0 }, HANDLERS.echo())
  return serveOn(endpointOf(scheme), MADE[name](tcpEndpoint(backend.port)).handler)
}

describe.each(schemes)('over %s://', scheme => {
  it.each(MIRRORS)('%s gives 64 MiB back as they came', async name => {
    const peer = await (await start(scheme, name)).dial()
    expect(await mirror(peer, 64 * MIB)).toBe(true)
    peer.leave()
  })

  it.each(MIRRORS)('%s waits for a slow reader, in little memory', async name => {
    const peer = await (await start(scheme, name)).dial()
    const before = process.memoryUsage().rss
    expect(await mirror(peer, 16 * MIB, { slowly: true })).toBe(true)
    expect(process.memoryUsage().rss - before).toBeLessThan(160 * MIB)
    peer.leave()
  })
})
