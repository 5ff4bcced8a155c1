import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../../src/errors.ts'
import { decodeTable } from '../../../../src/inspect/sources/windows/table-rows.ts'
import { portBytes, windowsTable } from '../../../support/windows-tables.ts'

const LOOPBACK = [...Array<number>(15).fill(0), 1]
const LINK_LOCAL = [0xfe, 0x80, ...Array<number>(13).fill(0), 2]

function tcp4Row(state: number, pid = 4) {
  return [
    { at: 0, number: state },
    { at: 4, bytes: [127, 0, 0, 1] },
    { at: 8, bytes: portBytes(8080) },
    { at: 12, bytes: [10, 1, 2, 3] },
    { at: 16, bytes: portBytes(50_000) },
    { at: 20, number: pid },
  ]
}

describe('decodeTable', () => {
  it('reads TCP over IPv4', () => {
    const table = windowsTable(24, [tcp4Row(5, 4711), tcp4Row(2, 4)])
    const local = { family: 'ipv4', host: '127.0.0.1', port: 8080 }
    const common = { protocol: 'tcp', family: 'ipv4', local }
    expect(decodeTable(table, { protocol: 'tcp', family: 'ipv4' })).toEqual([
      {
        ...common,
        state: 'established',
        remote: { family: 'ipv4', host: '10.1.2.3', port: 50_000 },
        pid: 4711,
      },
      { ...common, state: 'listen', remote: undefined, pid: 4 },
    ])
  })

  it.each([
    [1, 'unconnected'],
    [2, 'listen'],
    [3, 'syn-sent'],
    [4, 'syn-recv'],
    [5, 'established'],
    [6, 'fin-wait-1'],
    [7, 'fin-wait-2'],
    [8, 'close-wait'],
    [9, 'closing'],
    [10, 'last-ack'],
    [11, 'time-wait'],
    [12, 'unconnected'],
    [4_000_000_000, 'unconnected'],
  ])('knows state %s', (number, state) => {
    const table = windowsTable(24, [tcp4Row(number)])
    expect(decodeTable(table, { protocol: 'tcp', family: 'ipv4' })).toMatchObject([{ state }])
  })

  it('reads TCP over IPv6, with zones', () => {
    const table = windowsTable(56, [
      [
        { at: 0, bytes: LINK_LOCAL },
        { at: 16, number: 12 },
        { at: 20, bytes: portBytes(443) },
        { at: 24, bytes: LOOPBACK },
        { at: 44, bytes: portBytes(65_535) },
        { at: 48, number: 11 },
        { at: 52, number: 0 },
      ],
    ])
    expect(decodeTable(table, { protocol: 'tcp', family: 'ipv6' })).toEqual([
      {
        protocol: 'tcp',
        family: 'ipv6',
        state: 'time-wait',
        local: { family: 'ipv6', host: 'fe80::2%12', port: 443 },
        remote: { family: 'ipv6', host: '::1', port: 65_535 },
        pid: 0,
      },
    ])
  })

  it('reads UDP over both', () => {
    const udp4 = windowsTable(12, [
      [
        { at: 4, bytes: portBytes(53) },
        { at: 8, number: 99 },
      ],
    ])
    expect(decodeTable(udp4, { protocol: 'udp', family: 'ipv4' })).toEqual([
      {
        protocol: 'udp',
        family: 'ipv4',
        state: 'unconnected',
        local: { family: 'ipv4', host: '0.0.0.0', port: 53 },
        remote: undefined,
        pid: 99,
      },
    ])
    const udp6 = windowsTable(28, [
      [
        { at: 0, bytes: LOOPBACK },
        { at: 20, bytes: portBytes(5353) },
        { at: 24, number: 98 },
      ],
    ])
    expect(decodeTable(udp6, { protocol: 'udp', family: 'ipv6' })).toMatchObject([
      { family: 'ipv6', local: { host: '::1', port: 5353 }, pid: 98 },
    ])
  })

  it('does not mind room behind the last row', () => {
    const table = new Uint8Array(4096)
    table.set(windowsTable(24, [tcp4Row(2)]))
    expect(decodeTable(table, { protocol: 'tcp', family: 'ipv4' })).toHaveLength(1)
  })

  const kind = fc.record({
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    family: fc.constantFrom('ipv4' as const, 'ipv6' as const),
  })

  it('refuses a table that is cut off, wherever', () => {
    const table = windowsTable(24, [tcp4Row(5), tcp4Row(2)])
    fc.assert(
      fc.property(fc.nat(table.length - 1), length => {
        const cut = table.subarray(0, length)
        const decode = () => decodeTable(cut, { protocol: 'tcp', family: 'ipv4' })
        expect(decode).toThrow(SockctlError)
      }),
    )
  })

  it('reads any bytes, or refuses them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(4), kind, (bytes, count, asked) => {
        if (bytes.length >= 4) bytes.set([count, 0, 0, 0])
        try {
          const rows = decodeTable(bytes, asked)
          expect(rows).toHaveLength(count)
          for (const { local } of rows) expect(local.port).toBeLessThanOrEqual(65_535)
        } catch (error) {
          expect(error).toBeInstanceOf(SockctlError)
        }
      }),
    )
  })
})
