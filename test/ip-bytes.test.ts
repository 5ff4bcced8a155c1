import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ipv4Text, ipv6Bytes, ipv6Text } from '../src/ip-bytes.ts'

function view(bytes: readonly number[]): DataView {
  return new DataView(Uint8Array.from(bytes).buffer)
}

function ipv6(...groups: number[]): DataView {
  return view(groups.flatMap(group => [group >> 8, group & 0xff]))
}

describe('ipv4Text', () => {
  it('writes four numbers', () => {
    expect(ipv4Text(view([9, 127, 0, 0, 1]), 1)).toBe('127.0.0.1')
    expect(ipv4Text(view([255, 255, 255, 255]), 0)).toBe('255.255.255.255')
  })
})

describe('ipv6Text', () => {
  it.each([
    [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
    [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    [[0xfe80, 0, 0, 0, 0, 0, 0, 0], 'fe80::'],
    [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
    [[0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
    [[1, 2, 3, 4, 5, 6, 7, 0xabcd], '1:2:3:4:5:6:7:abcd'],
    [[0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], '::ffff:127.0.0.1'],
    [[0, 0, 0, 0, 0, 0xffff, 0, 0], '::ffff:0.0.0.0'],
    [[0, 0, 0, 0, 0xffff, 0, 0x7f00, 1], '::ffff:0:7f00:1'],
  ])('writes %j as %s (RFC 5952)', (groups, text) => {
    expect(ipv6Text(ipv6(...groups), 0)).toBe(text)
  })

  it('means what it writes', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), groups => {
        const text = ipv6Text(ipv6(...groups), 0)
        const long = groups.map(one => one.toString(16)).join(':')
        // The system's own inet_ntop(3) writes both the same, whatever form it prefers.
        const systemText = (address: string): string =>
          new SocketAddress({ address, family: 'ipv6' }).address
        expect(systemText(text)).toBe(systemText(long))
      }),
    )
  })
})

describe('ipv6Bytes', () => {
  it('reads what ipv6Text writes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }), bytes => {
        expect(ipv6Bytes(ipv6Text(view(bytes), 0))).toEqual(bytes)
      }),
    )
  })

  it.each(['', '1.2.3.4', 'fe80::1%eth0', '1::2::3', 'localhost'])('does not read "%s"', text => {
    expect(ipv6Bytes(text)).toBeUndefined()
  })
})
