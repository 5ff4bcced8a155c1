import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SockctlError } from '../../../src/errors.ts'
import { inetDump, tcpDump } from '../../../src/inspect/sources/inet-diag.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import type { SocketState } from '../../../src/inspect/types.ts'
import { inetEntry as entry } from '../../support/inet-entry.ts'
import { done, message, ScriptedKernel } from '../../support/netlink.ts'
import { plainRecord } from '../../support/plain-snapshot.ts'

const every = new Set<SocketState>(['established'])

function decode(...entries: Buffer[]) {
  const kernel = new ScriptedKernel([Buffer.concat(entries), done()])
  return dump(kernel, tcpDump(every)).items.map(plainRecord)
}

// The bytes below are those of a little-endian machine.
describe.skipIf(new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)('tcpDump', () => {
  it('asks for both families at once, for these states only', () => {
    const { type, payload } = tcpDump(new Set(['listen', 'syn-recv', 'bound-inactive']))
    expect(type).toBe(18)
    expect(payload).toHaveLength(60)
    expect(payload[0]).toBe(0)
    const bits = (1 << 10) | (1 << 3) | (1 << 12) | (1 << 13)
    expect(new DataView(payload.buffer).getUint32(52, true)).toBe(bits)
  })

  it('decodes every field', () => {
    expect(decode(entry(0x1234_5678_9abc_def0n, { 2: [1, 3] }))).toEqual([
      {
        protocol: 'tcp',
        family: 'ipv4',
        state: 'established',
        local: { family: 'ipv4', host: '127.0.0.1', port: 8080 },
        remote: { family: 'ipv4', host: '10.0.0.2', port: 40_000 },
        receiveQueue: 7,
        sendQueue: 8,
        inode: 4711,
        uid: 1000,
        timer: { kind: 'retransmit', expiresInMs: 1500, retransmits: 3 },
        cookie: '123456789abcdef0',
        interfaceIndex: 3,
        unix: undefined,
      },
    ])
  })

  it('decodes IPv6, and leaves mapped addresses as they are', () => {
    const mapped = [...Array(10).fill(0), 0xff, 0xff, 127, 0, 0, 1]
    expect(decode(entry(1n, { 0: [10], 8: mapped, 24: mapped }))).toMatchObject([
      { family: 'ipv6', local: { family: 'ipv6', host: '::ffff:127.0.0.1', port: 8080 } },
    ])
  })

  it('knows no other end of what has none', () => {
    expect(decode(entry(1n, { 1: [10] }), entry(2n, { 1: [7] }))).toMatchObject([
      { state: 'listen', remote: undefined },
      { state: 'bound-inactive', remote: undefined },
    ])
  })

  it('knows no user where there is no inode', () => {
    expect(decode(entry(1n, { 1: [6], 68: [0, 0, 0, 0] }))).toMatchObject([
      { state: 'time-wait', inode: 0, uid: undefined },
    ])
  })

  it('takes a timer that is overdue for one that is due', () => {
    expect(decode(entry(1n, { 2: [1], 52: [0xff, 0xff, 0xff, 0xff] }))).toMatchObject([
      { timer: { kind: 'retransmit', expiresInMs: 0 } },
    ])
  })

  it('leaves out what comes twice, also with cookies that no number can hold', () => {
    const huge = 0xffff_ffff_ffff_fff0n
    const cookies = decode(entry(1n), entry(1n), entry(huge), entry(huge + 1n), entry(huge))
    expect(cookies.map(({ cookie }) => cookie)).toEqual([
      '1',
      'fffffffffffffff0',
      'fffffffffffffff1',
    ])
  })

  it('leaves out states that nobody knows yet', () => {
    expect(decode(entry(1n, { 1: [14] }), entry(2n, { 1: [0] }))).toEqual([])
  })

  it('reads any bytes, or refuses them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 60, maxLength: 130 })), payloads => {
        try {
          decode(...payloads.map(payload => message(20, payload)))
        } catch (failure) {
          expect(failure).toBeInstanceOf(SockctlError)
          expect(failure).toMatchObject({ code: 'ERR_PROTOCOL' })
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('inetDump', () => {
  it('asks for one family of one protocol', () => {
    const udp = inetDump({ protocol: 'udp', family: 'ipv6', states: every })
    expect(udp.type).toBe(20)
    expect([...udp.payload.subarray(0, 2)]).toEqual([10, 17])
    const tcp = inetDump({ protocol: 'tcp', family: 'ipv4', states: every })
    expect([...tcp.payload.subarray(0, 2)]).toEqual([2, 6])
    expect(tcp.payload).toHaveLength(56)
  })
})
