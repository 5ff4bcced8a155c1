import { describe, expect, it } from 'vitest'
import { peersIn } from '../../../src/inspect/explain/peers.ts'
import { connection, record, unixSocket } from '../../support/records.ts'

describe('peersIn', () => {
  it('finds the same two addresses the other way round', () => {
    const client = connection('127.0.0.1:40000', '127.0.0.1:8080', { inode: 1 })
    const server = connection('127.0.0.1:8080', '127.0.0.1:40000', { inode: 2 })
    const peerOf = peersIn({ records: [record(), client, server] })
    expect(peerOf(client)).toBe(server)
    expect(peerOf(server)).toBe(client)
  })

  it('knows an IPv4 client of a dual-stack listener', () => {
    const client = connection('127.0.0.1:40000', '127.0.0.1:8080')
    const server = connection('[::ffff:127.0.0.1]:8080', '[::ffff:127.0.0.1]:40000')
    const peerOf = peersIn({ records: [client, server] })
    expect(peerOf(client)).toBe(server)
    expect(peerOf(server)).toBe(client)
  })

  it('tells protocols apart, and the loopbacks of network namespaces', () => {
    const client = connection('127.0.0.1:40000', '127.0.0.1:8080')
    const udp = connection('127.0.0.1:8080', '127.0.0.1:40000', { protocol: 'udp' })
    const elsewhere = connection('127.0.0.1:8080', '127.0.0.1:40000', {
      netns: { inode: 7, name: undefined },
    })
    expect(peersIn({ records: [client, udp, elsewhere] })(client)).toBeUndefined()
  })

  it('follows other addresses from one network namespace to another', () => {
    const netns = { inode: 7, name: 'shop' }
    const client = connection('10.0.0.1:40000', '10.0.0.2:8080')
    const server = connection('10.0.0.2:8080', '10.0.0.1:40000', { netns })
    expect(peersIn({ records: [client, server] })(client)).toBe(server)
  })

  it('finds unix sockets by inode', () => {
    const client = unixSocket('', { inode: 1, unix: { type: 'stream', peerInode: 2 } })
    const server = unixSocket('/run/s', { inode: 2, unix: { type: 'stream', peerInode: 1 } })
    const peerOf = peersIn({ records: [record({ inode: 2 }), client, server] })
    expect(peerOf(client)).toBe(server)
    expect(peerOf(server)).toBe(client)
  })

  it.each([
    ['a listener', record()],
    ['a connection to elsewhere', connection('127.0.0.1:1', '192.0.2.1:2')],
    [
      'a unix socket without a peer',
      unixSocket('', { unix: { type: 'stream', peerInode: undefined } }),
    ],
    ['a unix socket whose peer is not there', unixSocket('')],
  ])('finds nothing for %s', (_, one) => {
    expect(peersIn({ records: [one] })(one)).toBeUndefined()
  })
})
