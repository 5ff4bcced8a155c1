import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordsOfConnections } from '../../../src/inspect/sources/netstat-connections.ts'

/** What systeminformation 5.33 makes of a line of netstat. */
function connection(parts: Partial<Parameters<typeof recordsOfConnections>[0][number]>) {
  return {
    protocol: 'tcp4',
    localAddress: '127.0.0.1',
    localPort: '8080',
    peerAddress: '127.0.0.1',
    peerPort: '52011',
    state: 'ESTABLISHED',
    pid: 4711,
    process: 'node',
    ...parts,
  }
}

describe('recordsOfConnections', () => {
  it('has the process with the record, as there is no inode to find it by', () => {
    expect(recordsOfConnections([connection({})])).toEqual({
      unknown: 0,
      records: [
        {
          protocol: 'tcp',
          family: 'ipv4',
          state: 'established',
          local: { family: 'ipv4', host: '127.0.0.1', port: 8080 },
          remote: { family: 'ipv4', host: '127.0.0.1', port: 52_011 },
          receiveQueue: undefined,
          sendQueue: undefined,
          inode: 0,
          uid: undefined,
          timer: undefined,
          cookie: undefined,
          interfaceIndex: undefined,
          unix: undefined,
          owners: [{ pid: 4711, fd: undefined, name: 'node' }],
        },
      ],
    })
  })

  it.each([
    [
      'macOS, any address',
      { protocol: 'tcp46', localAddress: '*', peerAddress: '*', peerPort: '*' },
    ],
    ['Windows', { protocol: 'tcp', localAddress: '::', peerAddress: '::', peerPort: '0' }],
  ])('knows a listener: %s', (_, parts) => {
    expect(recordsOfConnections([connection({ ...parts, state: 'LISTEN' })]).records).toMatchObject(
      [
        {
          state: 'listen',
          family: 'ipv6',
          local: { family: 'ipv6', host: '::', port: 8080 },
          remote: undefined,
        },
      ],
    )
  })

  it('keeps the zone of an address', () => {
    const { records } = recordsOfConnections([
      connection({ protocol: 'tcp6', localAddress: 'fe80::1%lo0', peerAddress: 'fe80::1%lo0' }),
    ])
    expect(records).toMatchObject([{ local: { host: 'fe80::1%lo0' }, family: 'ipv6' }])
  })

  it.each([
    ['FIN_WAIT_1', 'fin-wait-1'],
    ['FIN_WAIT2', 'fin-wait-2'],
    ['SYN_RCVD', 'syn-recv'],
    ['TIME_WAIT', 'time-wait'],
    ['CLOSE_WAIT', 'close-wait'],
    ['LAST_ACK', 'last-ack'],
    ['CLOSED', 'unconnected'],
  ])('knows the state %s', (state, expected) => {
    expect(recordsOfConnections([connection({ state })]).records).toMatchObject([
      { state: expected },
    ])
  })

  it('tells a listener by its other end where its state is in another language', () => {
    const french = { protocol: 'tcp', peerAddress: '0.0.0.0', peerPort: '0', state: 'À L’ÉCOUTE' }
    expect(recordsOfConnections([connection(french)]).records).toMatchObject([{ state: 'listen' }])
  })

  it('counts what it cannot understand, and leaves it out', () => {
    const connections = [
      connection({ state: 'ÉTABLIE' }),
      connection({ state: 'constructor' }),
      connection({ state: 'UNKNOWN', peerAddress: '*', peerPort: '*' }),
      connection({ localAddress: '2001:db8:1234:567', protocol: 'tcp6' }),
      connection({ protocol: 'icm4' }),
      connection({ localPort: '99999' }),
    ]
    expect(recordsOfConnections(connections)).toEqual({ records: [], unknown: 6 })
  })

  it.each([
    ['macOS', { protocol: 'udp4', peerAddress: '*', peerPort: '*', state: 'UNKNOWN' }],
    ['Windows', { protocol: 'udp', peerAddress: '*', peerPort: '*', state: '' }],
  ])('knows UDP sockets without another end: %s', (_, parts) => {
    expect(recordsOfConnections([connection(parts)]).records).toMatchObject([
      { protocol: 'udp', state: 'unconnected', remote: undefined },
    ])
  })

  it('knows connected UDP sockets', () => {
    const connected = connection({ protocol: 'udp4', state: 'UNKNOWN' })
    expect(recordsOfConnections([connected]).records).toMatchObject([
      { protocol: 'udp', state: 'established', remote: { port: 52_011 } },
    ])
  })

  it('knows no holder where netstat tells none', () => {
    const { records } = recordsOfConnections([
      connection({ pid: 0 }),
      connection({ pid: Number.NaN }),
      connection({ process: '' }),
    ])
    expect(records.map(({ owners }) => owners)).toEqual([
      [],
      [],
      [{ pid: 4711, fd: undefined, name: '?' }],
    ])
  })

  it('reads any text', () => {
    const text = fc.string({ maxLength: 12 })
    const any = fc.record({
      protocol: fc.constantFrom('tcp', 'udp4', 'tcp46', 'x'),
      localAddress: text,
      localPort: text,
      peerAddress: text,
      peerPort: text,
      state: text,
      pid: fc.integer(),
      process: text,
    })
    fc.assert(
      fc.property(fc.array(any), connections => {
        const { records, unknown } = recordsOfConnections(connections)
        expect(records.length + unknown).toBe(connections.length)
      }),
    )
  })
})
