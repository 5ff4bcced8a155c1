import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channel/types.ts'
import { listen } from '../../src/transports/index.ts'
import type { ListenOptions, Refusal } from '../../src/transports/types.ts'
import {
  TurnedAway,
  type Upgrade,
  UpgradingListener,
} from '../../src/transports/upgrading-listener.ts'
import { formatDuration } from '../../src/units.ts'
import { within } from '../support/deadline.ts'
import { readAll } from '../support/read-all.ts'

const open: { close?(): unknown; destroy?(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await (one.close?.() ?? one.destroy?.())
})

/** The word "hello", by the peer, is a handshake; what follows it is the conversation. */
const sayHello: Upgrade = async channel => {
  const [chunk] = (await once(channel.duplex, 'data')) as [Buffer]
  channel.duplex.pause()
  if (`${chunk}` === 'bye') {
    channel.duplex.destroy()
    return undefined
  }
  if (!`${chunk}`.startsWith('hello')) throw new Error('no hello')
  channel.duplex.unshift(chunk.subarray(5))
  return channel
}

async function start(
  options: ListenOptions = {},
  upgrade = sayHello,
  asked?: 'handshake' | 'credential',
) {
  const inner = await listen({ scheme: 'tcp', host: '127.0.0.1', port: 0 }, options)
  const listener = new UpgradingListener(inner, upgrade, options.handshakeMs, asked)
  open.push(listener)
  const refused = new Promise<Refusal>(resolve => {
    listener.onRefused = resolve
  })
  const channels: Channel[] = []
  let tell = (_: Channel): void => {}
  const first = new Promise<Channel>(resolve => {
    tell = resolve
  })
  const accepted = (async () => {
    for await (const channel of listener) {
      channels.push(channel)
      tell(channel)
    }
  })()
  const dial = (): Socket => {
    const [address] = listener.addresses
    const socket = connect({ host: '127.0.0.1', port: (address as { port: number }).port })
    socket.on('error', () => {})
    open.push(socket)
    return socket
  }
  return { listener, dial, channels, first, accepted, refused }
}

describe('UpgradingListener', () => {
  it('lets those out who have shaken hands, while others have not', async () => {
    const { listener, dial, first, accepted } = await start()
    const silent = dial()
    await once(silent, 'connect')
    const peer = dial()
    peer.write('hello, and more')
    const { duplex } = await within(5000, 'the channel', first)
    duplex.pipe(duplex)
    const [data] = await within(5000, 'its echo', once(peer, 'data'))
    expect(`${data}`).toBe(', and more')
    const left = new Promise(resolve => silent.on('close', resolve))
    await listener.close()
    await within(5000, 'the end', accepted)
    await within(5000, 'the one in the middle of its handshake', left)
  })

  it('says nothing of a peer that has got what it wanted, and is gone', async () => {
    const { dial, channels, refused } = await start()
    const peer = dial()
    peer.write('bye')
    await within(5000, 'its end', once(peer.resume(), 'close'))
    dial().write('goodbye')
    expect(await within(5000, 'refusal', refused)).toMatchObject({ error: 'no hello' })
    expect(channels).toEqual([])
  })

  it('turns away who fails, and tells why', async () => {
    const { dial, channels, refused } = await start()
    const peer = dial()
    peer.write('goodbye')
    expect(await within(5000, 'refusal', refused)).toMatchObject({
      reason: 'handshake',
      error: 'no hello',
      remote: { family: 'ipv4', host: '127.0.0.1' },
    })
    await within(
      5000,
      'end',
      readAll(peer).catch(() => {}),
    )
    expect(channels).toEqual([])
  })

  it('turns away who takes too long', async () => {
    const { dial, refused } = await start({ handshakeMs: 50 })
    dial()
    expect((await within(5000, 'refusal', refused)).error).toBe(
      `no handshake in ${formatDuration(50)}`,
    )
  })

  it('says what it was that did not come', async () => {
    const { dial, refused } = await start({ handshakeMs: 50 }, sayHello, 'credential')
    dial()
    expect(await refused).toMatchObject({
      reason: 'credential',
      error: `no credential in ${formatDuration(50)}`,
    })
  })

  it('takes the reason of an upgrade that has one', async () => {
    const { dial, refused } = await start({}, async () => {
      throw new TurnedAway('credential', 'wrong token')
    })
    dial()
    expect(await refused).toMatchObject({ reason: 'credential', error: 'wrong token' })
  })

  it('passes on who the inner one turned away', async () => {
    const { dial, refused } = await start({ admit: () => 'denied' })
    dial()
    expect((await within(5000, 'refusal', refused)).reason).toBe('denied')
  })
})
