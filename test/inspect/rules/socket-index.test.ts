import { describe, expect, it } from 'vitest'
import { indexSockets } from '../../../src/inspect/rules/socket-index.ts'
import { address, connection, record } from '../../support/records.ts'

const at = (text: string, inode: number) => {
  const local = address(text)
  return record({ local, family: local.family, inode, cookie: BigInt(inode) })
}

describe('indexSockets', () => {
  it('finds sockets by protocol and state', () => {
    const [listener, client] = [at('127.0.0.1:80', 1), connection('127.0.0.1:9', '127.0.0.1:80')]
    const sockets = indexSockets([listener, client])
    expect(sockets.of('tcp', 'listen')).toEqual([listener])
    expect(sockets.of('udp', 'listen')).toEqual([])
    expect(sockets.count).toBe(2)
  })

  it('finds the listener of an address: its own, the wildcard, that of both families', () => {
    const [own, all, six] = [at('127.0.0.1:80', 1), at('0.0.0.0:80', 2), at('[::]:81', 3)]
    const sockets = indexSockets([all, own, six])
    expect(sockets.listenerFor(address('127.0.0.1:80'))).toBe(own)
    expect(sockets.listenerFor(address('10.0.0.1:80'))).toBe(all)
    expect(sockets.listenerFor(address('[::ffff:127.0.0.1]:80'))).toBe(own)
    expect(sockets.listenerFor(address('10.0.0.1:81'))).toBe(six)
    expect(sockets.listenerFor(address('[::1]:80'))).toBeUndefined()
    expect(sockets.listenerFor(address('10.0.0.1:82'))).toBeUndefined()
  })

  it('finds the other end of a connection, also through a dual-stack socket', () => {
    const client = connection('127.0.0.1:40000', '127.0.0.1:80')
    const server = connection('[::ffff:127.0.0.1]:80', '[::ffff:127.0.0.1]:40000')
    const sockets = indexSockets([client, server])
    expect(sockets.peerOf(client)).toBe(server)
    expect(sockets.peerOf(server)).toBe(client)
    expect(sockets.peerOf(connection('127.0.0.1:1', '127.0.0.1:2'))).toBeUndefined()
    expect(sockets.peerOf(at('127.0.0.1:80', 1))).toBeUndefined()
  })

  it('knows a socket again by its cookie, or else by its inode, in the same state', () => {
    const before = [
      connection('127.0.0.1:1', '127.0.0.1:2', { cookie: 5n, inode: 0 }),
      connection('127.0.0.1:3', '127.0.0.1:4', { cookie: undefined, inode: 7 }),
      connection('127.0.0.1:5', '127.0.0.1:6', { cookie: undefined, inode: 0 }),
    ] as const
    const sockets = indexSockets(before)
    expect(sockets.find({ ...before[0] })).toBe(before[0])
    expect(sockets.find({ ...before[1] })).toBe(before[1])
    expect(sockets.find({ ...before[2] })).toBeUndefined()
    expect(sockets.find({ ...before[0], state: 'close-wait' })).toBeUndefined()
  })
})
