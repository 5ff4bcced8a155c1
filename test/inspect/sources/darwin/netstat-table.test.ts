import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseDarwinEnd,
  parseNetstatTable,
} from '../../../../src/inspect/sources/darwin/netstat-table.ts'
import { DARWIN_NETSTAT, darwinRow, HEADING_26 } from '../../../support/darwin-text.ts'

/** What netstat of macOS 26 would make of these lines. */
function parse(...lines: string[]) {
  return parseNetstatTable([HEADING_26, ...lines, ''].join('\n'))
}

describe('parseNetstatTable', () => {
  it.each(Object.entries(DARWIN_NETSTAT))('reads the columns of macOS %s', (version, text) => {
    const { rows, unknown, hasHeading } = parseNetstatTable(text)
    expect({ unknown, hasHeading }).toEqual({ unknown: 0, hasHeading: true })
    const isNamed = version === '26'
    expect(rows).toEqual([
      {
        protocol: 'tcp',
        family: 'ipv4',
        state: 'established',
        local: { family: 'ipv4', host: '192.168.1.233', port: 52_137 },
        remote: { family: 'ipv4', host: '34.117.41.85', port: 443 },
        receiveQueue: 0,
        sendQueue: 126,
        pid: 2903,
        name: isNamed ? 'curl' : undefined,
      },
      {
        protocol: 'tcp',
        family: 'ipv6',
        state: 'listen',
        local: { family: 'ipv6', host: '::', port: 22 },
        remote: undefined,
        receiveQueue: 0,
        sendQueue: 0,
        pid: 1,
        name: isNamed ? 'launchd' : undefined,
      },
    ])
  })

  it.each([
    ['Autodesk Fusion:22712', 'Autodesk Fusion', 22_712],
    ['a:1:b 00102 2:77', 'a:1:b 00102 2', 77],
    ['   spaced  out :5', 'spaced  out ', 5],
    [':0', undefined, 0],
  ])('reads the process %j, whatever its name', (process, name, pid) => {
    const ends = 'tcp4  0  0  127.0.0.1.49515  127.0.0.1.49472  ESTABLISHED'
    expect(parse(darwinRow(ends, process)).rows).toMatchObject([{ name, pid }])
  })

  it('reads UDP, which has no state', () => {
    const { rows, unknown } = parse(
      darwinRow('udp4  768  0  *.5353  *.*            ', 'mDNSResponder:310'),
      darwinRow('udp6  0  0  fe80::1%lo0.123  *.*     ', 'timed:99'),
      darwinRow('udp46  0  0  *.*  *.*     ', 'b c:98'),
      darwinRow('udp4  0  9  10.0.0.2.60000  10.0.0.1.53  ', 'dig:400'),
    )
    expect(unknown).toBe(0)
    expect(rows).toMatchObject([
      { state: 'unconnected', local: { host: '0.0.0.0', port: 5353 }, receiveQueue: 768, pid: 310 },
      { state: 'unconnected', local: { host: 'fe80::1%lo0', port: 123 }, pid: 99 },
      { local: { host: '::', port: 0 }, name: 'b c' },
      { state: 'established', remote: { host: '10.0.0.1', port: 53 }, sendQueue: 9 },
    ])
  })

  it.each([
    ['CLOSED', 'unconnected'],
    ['SYN_SENT', 'syn-sent'],
    ['SYN_RCVD', 'syn-recv'],
    ['CLOSE_WAIT', 'close-wait'],
    ['FIN_WAIT_1', 'fin-wait-1'],
    ['CLOSING', 'closing'],
    ['LAST_ACK', 'last-ack'],
    ['FIN_WAIT_2', 'fin-wait-2'],
    ['TIME_WAIT', 'time-wait'],
  ])('knows the state %s', (word, state) => {
    const row = darwinRow(`tcp6  0  0  ::1.80  ::1.50000  ${word}`, 'x:1')
    expect(parse(row).rows).toMatchObject([{ state, family: 'ipv6' }])
  })

  it('has no process where this netstat has no column for it', () => {
    const text = `Proto Recv-Q Send-Q  Local Address  Foreign Address  (state)
tcp4       0      0  127.0.0.1.80   *.*              LISTEN
`
    expect(parseNetstatTable(text).rows).toMatchObject([{ state: 'listen', pid: undefined }])
  })

  it('counts what it cannot understand, and leaves other protocols out', () => {
    const { rows, unknown } = parse(
      'icm4  0  0  *.*  *.*  1 2 3',
      darwinRow('tcp4  0  0  127.0.0.1.80  *.*  constructor', 'x:1'),
      darwinRow('tcp6  0  0  2001:db8:1234:5.80  *.*  LISTEN', 'x:1'),
      darwinRow('tcp4  0  0  127.0.0.1.99999  *.*  LISTEN', 'x:1'),
      'tcp4  0  0  127.0.0.1.80  *.*  LISTEN  1 2 3',
    )
    expect({ rows, unknown }).toEqual({ rows: [], unknown: 4 })
  })

  it('says when there is no heading that it knows', () => {
    const text = 'Proto Recv-Q Send-Q Local Foreign\ntcp4 0 0 *.22 *.* LISTEN\n'
    expect(parseNetstatTable(text)).toEqual({ rows: [], unknown: 0, hasHeading: false })
  })

  it('reads any text', () => {
    const piece = fc.oneof(
      fc.constantFrom('tcp4', 'udp46', ' ', '0', '*.*', '127.0.0.1.80', 'LISTEN', ':', '\n'),
      fc.string(),
    )
    const lines = fc.array(fc.array(piece).map(pieces => pieces.join(' ')))
    fc.assert(
      fc.property(lines, any => {
        const { rows, unknown } = parse(...any)
        for (const row of rows) expect(row.local.port).toBeLessThanOrEqual(65_535)
        expect(unknown).toBeGreaterThanOrEqual(0)
      }),
    )
    for (const text of Object.values(DARWIN_NETSTAT)) {
      fc.assert(
        fc.property(fc.nat(text.length), length => {
          const cut = parseNetstatTable(text.slice(0, length))
          expect(cut.rows.length + cut.unknown).toBeLessThanOrEqual(2)
        }),
      )
    }
  })
})

describe('parseDarwinEnd', () => {
  it.each([
    ['127.0.0.1.8080', '4', { family: 'ipv4', host: '127.0.0.1', port: 8080 }],
    ['127.0.0.1.8080', '46', { family: 'ipv4', host: '127.0.0.1', port: 8080 }],
    ['*.*', '4', { family: 'ipv4', host: '0.0.0.0', port: 0 }],
    ['*.53', '6', { family: 'ipv6', host: '::', port: 53 }],
    ['::1.443', '6', { family: 'ipv6', host: '::1', port: 443 }],
    ['fe80::1%vlan0.5.22', '6', { family: 'ipv6', host: 'fe80::1%vlan0.5', port: 22 }],
    ['::ffff:10.0.0.1.22', '46', { family: 'ipv6', host: '::ffff:10.0.0.1', port: 22 }],
    ['localhost.http', '4', undefined],
    ['10.0.0.80', '4', undefined],
    ['', '4', undefined],
  ])('reads %j', (text, version, expected) => {
    expect(parseDarwinEnd(text, version)).toEqual(expected)
  })
})
