import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { tokenCredentials } from '../../src/access/token.ts'
import type { Channel } from '../../src/channel/types.ts'
import { echo } from '../../src/handlers/echo.ts'
import { reply } from '../../src/handlers/reply.ts'
import { firstByte } from '../../src/layers/first-byte.ts'
import { formatDuration } from '../../src/units.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, startSession } from '../support/serve-session.ts'

endSessionsAfterEach()

const MS = 60
const silent = { how: 'timeout', error: `said nothing for ${formatDuration(MS)}` }

describe('firstByte', () => {
  it('ends who says nothing', async () => {
    const { port, event } = await startSession(echo(), { layers: [firstByte(MS)] })
    const answer = readAll(await dialRaw(port))
    expect(await event('close')).toMatchObject(silent)
    expect(await within(5000, 'the end', answer)).toHaveLength(0)
  })

  it('leaves who has said something, and is silent then', async () => {
    const { port, event, events } = await startSession(echo(), { layers: [firstByte(MS)] })
    const socket = await dialRaw(port)
    socket.write('x')
    await once(socket, 'data')
    // The other one is ended meanwhile.
    await dialRaw(port)
    await event('close')
    expect(events.filter(one => one.event === 'close')).toEqual([
      expect.objectContaining({ id: 2, ...silent }),
    ])
    expect(socket.destroyed).toBe(false)
  })

  it('leaves who has ended its side: it has nothing to say', async () => {
    const { port, event } = await startSession(reply({ data: Buffer.from('x') }), {
      layers: [firstByte(MS)],
    })
    const socket = await dialRaw(port)
    socket.resume().end()
    expect(await event('close')).toMatchObject({ how: 'fin' })
  })

  it('does not take a credential for the first word', async () => {
    const credentials = tokenCredentials([{ name: undefined, secret: 'mellon' }])
    const options = { layers: [firstByte(MS)], listen: { credentials } }
    const { port, event, events } = await startSession(echo(), options)
    const silentOne = await dialRaw(port)
    silentOne.write('mellon\n')
    await event('open')
    const speaker = await dialRaw(port)
    speaker.write('mellon\nhello')
    expect(`${(await once(speaker, 'data'))[0]}`).toBe('hello')
    expect(await event('close')).toMatchObject({ id: 1, ...silent })
    await dialRaw(port).then(socket => socket.write('mellon\n'))
    await event('close', 2)
    expect(events.filter(one => one.event === 'close' && one.id === 2)).toEqual([])
  })

  it('watches what is no socket, too', async () => {
    const [inner, peer] = duplexPair()
    const { duplex } = firstByte(MS)(channelOf(inner))
    const error = once(duplex, 'error')
    duplex.resume()
    expect(await within(5000, 'the end', error)).toEqual([
      expect.objectContaining({ code: 'ERR_TIMEOUT' }),
    ])
    peer.destroy()
  })

  it('hands on what comes over what is no socket', async () => {
    const [inner, peer] = duplexPair()
    const { duplex } = firstByte(MS)(channelOf(inner))
    peer.write('hello')
    expect(`${(await once(duplex, 'data'))[0]}`).toBe('hello')
    duplex.destroy()
  })
})

function channelOf(duplex: Channel['duplex']): Channel {
  const address = { family: 'unix', path: '' } as const
  return {
    duplex,
    framing: 'stream',
    local: address,
    remote: address,
    facts: {},
    reset: () => duplex.destroy(),
  }
}
