import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channel/types.ts'
import { parseEndpoint } from '../../src/endpoint/parse.ts'
import { dial } from '../../src/transports/index.ts'
import { within } from '../support/deadline.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

closeServersAfterEach()
const channels: Channel[] = []
afterEach(() => {
  for (const { duplex } of channels.splice(0)) duplex.destroy()
})

describe('the reset of a TCP channel', () => {
  it('reaches the peer', async () => {
    const { channel, peer } = await pair()
    const broken = once(peer.resume(), 'error')
    channel.reset()
    expect(await within(5000, 'the reset', broken)).toMatchObject([{ code: 'ECONNRESET' }])
  })

  it('frees the descriptor, also while an end is on its way', async () => {
    const { channel } = await pair()
    const closed = once(channel.duplex, 'close')
    channel.duplex.end()
    channel.reset()
    expect(await within(5000, 'the close', closed)).toEqual([false])
  })
})

async function pair() {
  const { port, accepted } = await tcpServer()
  const [peer, channel] = await Promise.all([accepted(), dial(parseEndpoint(`:${port}`))])
  channels.push(channel)
  return { peer, channel }
}
