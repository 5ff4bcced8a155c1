import { describe, expect, it } from 'vitest'
import { inetDump, tcpDump } from '../../../src/inspect/sources/inet-diag.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import { done, message, ScriptedKernel } from '../../support/netlink.ts'
import { attribute, numbers } from '../../support/netlink-attributes.ts'
import { plainRecord } from '../../support/plain-snapshot.ts'

const states = new Set(['established' as const])

/** A TCP or MPTCP socket with these attributes. */
function decoded(protocol: 'tcp' | 'mptcp', ...attributes: Buffer[]) {
  const head = Buffer.alloc(72)
  head.set([2, 1], 0)
  head[44] = 1
  const kernel = new ScriptedKernel([message(20, Buffer.concat([head, ...attributes])), done()])
  const request = inetDump({ protocol, family: 'ipv4', states })
  const [record] = dump(kernel, request).items.map(plainRecord)
  if (record === undefined) throw new Error('there is no record')
  return record
}

// The bytes below are those of a little-endian machine.
describe.skipIf(new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)('attributes', () => {
  it('are asked for by what is wanted', () => {
    const all = new Set(['tcp-info', 'memory', 'congestion', 'ip'] as const)
    expect(tcpDump(states).payload[3]).toBe(0)
    expect(tcpDump(states, { details: all }).payload[3]).toBe(0x7e)
    const details = new Set(['congestion' as const])
    expect(inetDump({ protocol: 'udp', family: 'ipv6', states }, { details }).payload[2]).toBe(0xc)
  })

  it('are behind the request too: the protocol of MPTCP, and a program', () => {
    const kernelFilter = new Uint8Array([11, 8, 12, 0, 0, 0, 0xb7, 0xb3])
    const tcp = Buffer.from(tcpDump(states, { kernelFilter }).payload)
    expect(tcp.subarray(60).toString('hex')).toBe('0c000100' + '0b080c000000b7b3')
    const table = { protocol: 'mptcp', family: 'ipv4', states } as const
    const mptcp = Buffer.from(inetDump(table, { kernelFilter }).payload)
    expect(mptcp.subarray(56).toString('hex')).toBe(
      ['08000300', '06010000', '0c000100', '0b080c000000b7b3'].join(''),
    )
    const odd = tcpDump(states, { kernelFilter: new Uint8Array(5) }).payload
    expect(odd).toHaveLength(60 + 12)
  })

  it('tell memory and drops', () => {
    const memory = attribute(7, numbers(1, 2, 3, 4, 5, 6, 7, 8, 9))
    expect(decoded('tcp', memory)).toMatchObject({
      drops: 9,
      memory: {
        receiveBytes: 1,
        receiveLimitBytes: 2,
        transmitBytes: 3,
        sendLimitBytes: 4,
        forwardAllocBytes: 5,
        sendQueueBytes: 6,
        optionBytes: 7,
        backlogBytes: 8,
      },
    })
    const older = decoded('tcp', attribute(7, numbers(1, 2, 3, 4, 5, 6, 7, 8)))
    expect(older.memory).toMatchObject({ backlogBytes: 8 })
    expect(older.drops).toBeUndefined()
    expect(decoded('tcp', attribute(7, numbers(1, 2))).memory).toBeUndefined()
  })

  it('tell what has been set and shut down', () => {
    const record = decoded(
      'tcp',
      attribute(5, Uint8Array.of(0x10)),
      attribute(6, Uint8Array.of(0x20)),
      attribute(8, Uint8Array.of(2)),
      attribute(11, Uint8Array.of(1)),
      attribute(15, numbers(4711)),
      attribute(17, numbers(3)),
      attribute(21, numbers(25, 1)),
      attribute(22, Uint8Array.of(0b0011_0110, 0b101)),
    )
    expect(record).toMatchObject({
      shutdown: 'send',
      mark: 4711,
      cgroupId: 2 ** 32 + 25,
      ip: {
        typeOfService: 0x10,
        trafficClass: 0x20,
        classId: 3,
        isV6only: true,
        options: [
          ...['freebind', 'multicast_loop', 'transparent'],
          ...['bind_address_no_port', 'defer_connect'],
        ],
      },
    })
    expect(decoded('tcp', attribute(8, Uint8Array.of(3))).shutdown).toBe('both')
    expect(decoded('tcp', attribute(8, Uint8Array.of(0))).shutdown).toBeUndefined()
  })

  it('tell of a connection', () => {
    const name = attribute(1, Buffer.from('tls\0'))
    const info = Buffer.alloc(104)
    info.writeUInt32LE(1234, 68)
    const congestion = attribute(4, Buffer.from('dctcp\0'))
    const record = decoded('tcp', attribute(2, info), congestion, attribute(19 | 0x8000, name))
    expect(record.tcp).toMatchObject({
      congestion: 'dctcp',
      upperProtocol: 'tls',
      info: { rttUs: 1234, totalRetrans: 0 },
    })
    expect(record.tcp?.info?.bytesAcked).toBeUndefined()
  })

  it.each([
    ['vegas', attribute(3, numbers(1, 2, 3, 4)), { enabled: 1, rttcnt: 2, rtt: 3, minrtt: 4 }],
    [
      'dctcp',
      attribute(9, numbers(0x1_0001, 512, 3, 4)),
      { enabled: 1, ce_state: 1, alpha: 512, ab_ecn: 3, ab_tot: 4 },
    ],
    [
      'bbr',
      attribute(16, numbers(7, 1, 20, 739, 512)),
      { bw: 2 ** 32 + 7, min_rtt: 20, pacing_gain: 739, cwnd_gain: 512 },
    ],
  ])('tell the state of %s', (name, state, expected) => {
    const { tcp } = decoded('tcp', attribute(4, Buffer.from(`${name}\0`)), state)
    expect(tcp).toMatchObject({ congestion: name, congestionState: expected })
  })

  it('of MPTCP are not read as those of TCP', () => {
    expect(decoded('mptcp', attribute(2, Buffer.alloc(280, 1))).tcp).toBeUndefined()
  })

  it('do not give a key of RFC 2385 to anybody', () => {
    const key = Buffer.alloc(100)
    key.write('secret', 20)
    const record = decoded('tcp', attribute(18, key), attribute(4, Buffer.from('cubic\0')))
    expect(JSON.stringify(record)).not.toMatch(/secret|c2VjcmV0|115,101,99/)
  })

  it('that are not there are unknown', () => {
    const { shutdown, drops, memory, mark, cgroupId, ip, tcp } = decoded('tcp')
    const all = [shutdown, drops, memory, mark, cgroupId, ip, tcp]
    expect(new Set(all)).toEqual(new Set([undefined]))
  })
})
