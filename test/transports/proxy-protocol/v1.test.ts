import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../../src/address.ts'
import { formatV1, parseV1 } from '../../../src/transports/proxy-protocol/v1.ts'

describe('headers of version 1', () => {
  it('are read as the specification writes them', () => {
    expect(parseV1('PROXY TCP4 255.255.255.255 192.168.0.11 65535 443')).toEqual({
      ends: {
        source: inetAddress('255.255.255.255', 65_535),
        destination: inetAddress('192.168.0.11', 443),
      },
      facts: {},
    })
    expect(parseV1('PROXY TCP6 2001:db8::1 ::1 1 2').ends?.source).toEqual(
      inetAddress('2001:db8::1', 1),
    )
    expect(parseV1('PROXY UNKNOWN').ends).toBeUndefined()
    expect(parseV1('PROXY UNKNOWN ffff::1 ffff::2 1 x').ends).toBeUndefined()
  })

  it.each([
    'PROXY TCP4 ::1 ::1 1 2',
    'PROXY TCP6 127.0.0.1 127.0.0.1 1 2',
    'PROXY TCP4 127.0.0.1 127.0.0.1 1',
    'PROXY TCP4 127.0.0.1 127.0.0.1 1 2 3',
    'PROXY TCP4 127.0.0.1 127.0.0.1 01 2',
    'PROXY TCP4 127.0.0.1 127.0.0.1 65536 2',
    'PROXY TCP4  127.0.0.1 127.0.0.1 1 2',
    'PROXY UDP4 127.0.0.1 127.0.0.1 1 2',
    'PROXY constructor 127.0.0.1 127.0.0.1 1 2',
    'PROXY',
  ])('are not taken as %j', line => {
    expect(() => parseV1(line)).toThrow('bad PROXY header')
  })

  it('are written so that the same is read', () => {
    const port = fc.integer({ min: 0, max: 65_535 })
    const pair = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()))
    fc.assert(
      fc.property(pair, port, port, ([a, b], p, q) => {
        const ends = { source: inetAddress(a, p), destination: inetAddress(b, q) }
        const line = formatV1(ends).toString()
        expect(line.length).toBeLessThanOrEqual(107)
        expect(parseV1(line.slice(0, -2)).ends).toEqual(ends)
      }),
    )
  })

  it('say nothing of what has no place in them, and no zone', () => {
    const unix = { family: 'unix', path: '/tmp/s' } as const
    expect(String(formatV1({ source: unix, destination: unix }))).toBe('PROXY UNKNOWN\r\n')
    expect(String(formatV1(undefined))).toBe('PROXY UNKNOWN\r\n')
    const ends = { source: inetAddress('fe80::1%eth0', 1), destination: inetAddress('10.0.0.1', 2) }
    expect(String(formatV1(ends))).toBe('PROXY TCP6 fe80::1 ::ffff:10.0.0.1 1 2\r\n')
  })
})
