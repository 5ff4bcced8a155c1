import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import type { Channel, Message } from '../../../src/channel/types.ts'
import { dial } from '../../../src/transports/index.ts'
import { UdpPeer } from '../../support/datagrams.ts'
import { within } from '../../support/deadline.ts'

const open: { close?(): void; reset?(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) (one.close ?? one.reset)?.call(one)
})

async function peer(): Promise<UdpPeer> {
  const one = await UdpPeer.open()
  open.push(one)
  return one
}

async function dialled(port: number, host = '127.0.0.1'): Promise<Channel> {
  const channel = await dial({ scheme: 'udp', host, port })
  channel.duplex.on('error', () => {})
  open.push(channel)
  return channel
}

const text = (data: string): Message => ({ data: Buffer.from(data), kind: 'text' })

describe('udp://, dialling', () => {
  it('talks to one peer, and hears nobody else', async () => {
    const [server, stranger] = [await peer(), await peer()]
    const channel = await dialled(server.port)
    channel.duplex.write(text('hello'))
    const { port } = await server.next()
    expect(channel.local).toMatchObject({ host: '127.0.0.1', port })
    await stranger.send('I am the server', port)
    await server.send('it is me', port)
    const [message] = await within(5000, 'an answer', once(channel.duplex, 'data'))
    expect(`${message.data}`).toBe('it is me')
  })

  it('hears on when our side has ended, as nobody can hear that', async () => {
    const server = await peer()
    const channel = await dialled(server.port)
    channel.duplex.end(text('last words'))
    const { port } = await server.next()
    await server.send('an answer', port)
    const [message] = await within(5000, 'an answer', once(channel.duplex, 'data'))
    expect(`${message.data}`).toBe('an answer')
  })

  it('fails when the other machine says that nobody is there', async () => {
    const gone = await UdpPeer.open()
    const { port } = gone
    gone.close()
    const channel = await dialled(port)
    const failed = once(channel.duplex, 'error')
    channel.duplex.write(text('anybody?'))
    expect(await within(5000, 'a refusal', failed)).toMatchObject([{ code: 'ECONNREFUSED' }])
  })

  it('does not send what is too long for a datagram', async () => {
    const server = await peer()
    const channel = await dialled(server.port)
    const failed = once(channel.duplex, 'error')
    channel.duplex.write({ data: Buffer.alloc(65_508), kind: 'binary' })
    expect(await within(5000, 'an error', failed)).toMatchObject([
      { code: 'ERR_LIMIT', message: '65508 bytes do not fit in one datagram (65507 at most)' },
    ])
  })

  it('takes 127.0.0.1 for localhost, and tells which address it was', async () => {
    const server = await peer()
    const tried: unknown[] = []
    const channel = await dial(
      { scheme: 'udp', host: 'localhost', port: server.port },
      { onAttempt: attempt => tried.push(attempt.address) },
    )
    open.push(channel)
    expect(channel.remote).toMatchObject({ host: '127.0.0.1', port: server.port })
    expect(tried).toHaveLength(1)
  })

  it('does not find a host that is not there', async () => {
    const found = dial({ scheme: 'udp', host: 'no-such-host.invalid', port: 9 })
    await expect(found).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})
