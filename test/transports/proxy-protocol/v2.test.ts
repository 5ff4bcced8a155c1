import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, inetAddress } from '../../../src/address.ts'
import { SockctlError } from '../../../src/errors.ts'
import { crc32c } from '../../../src/transports/proxy-protocol/crc32c.ts'
import { formatV2, parseV2, V2_SIGNATURE } from '../../../src/transports/proxy-protocol/v2.ts'

const ENDS = { source: inetAddress('10.0.0.7', 1234), destination: inetAddress('10.0.0.1', 443) }

/** A header with these fields behind its addresses. */
function withFields(...fields: readonly (readonly [number, Buffer])[]): Buffer {
  const parts = fields.map(([type, value]) => {
    return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value])
  })
  const header = Buffer.concat([formatV2(ENDS), ...parts])
  header.writeUInt16BE(header.length - 16, 14)
  return header
}

describe('headers of version 2', () => {
  it('are written as the specification says', () => {
    expect(formatV2(ENDS).toString('hex')).toBe(
      `${V2_SIGNATURE.toString('hex')}2111000c0a0000070a00000104d201bb`,
    )
    expect(formatV2(undefined).subarray(12).toString('hex')).toBe('20000000')
  })

  it('are written so that the same is read', () => {
    const inet = (host: fc.Arbitrary<string>): fc.Arbitrary<Address> =>
      fc.tuple(host, fc.integer({ min: 0, max: 65_535 })).map(([h, p]) => inetAddress(h, p))
    const path = fc.stringMatching(/^@?[a-z/]{1,100}$/)
    const unix = path.map((text): Address => ({ family: 'unix', path: text }))
    const kinds = [inet(fc.ipV4()), inet(fc.ipV6().map(canonical)), unix]
    const pair = fc.oneof(...kinds.map(kind => fc.tuple(kind, kind)))
    fc.assert(
      fc.property(pair, ([source, destination]) => {
        // An IPv6 literal that stands for IPv4 is one when it is read.
        if (source.family !== destination.family) return
        expect(parseV2(formatV2({ source, destination })).ends).toEqual({ source, destination })
      }),
    )
  })

  it('tell what else the proxy knows', () => {
    const ssl = Buffer.concat([
      Buffer.from([1, 0, 0, 0, 0]),
      Buffer.from([0x21, 0, 7]),
      Buffer.from('TLSv1.3'),
      Buffer.from([0x22, 0, 5]),
      Buffer.from('alice'),
    ])
    const header = withFields(
      [1, Buffer.from('h2')],
      [2, Buffer.from('shop.example')],
      [4, Buffer.alloc(7)],
      [5, Buffer.from('ab12', 'hex')],
      [0x20, ssl],
      [0xea, Buffer.from('\x01vpce-1', 'latin1')],
    )
    expect(parseV2(header)).toEqual({
      ends: ENDS,
      facts: {
        alpn: 'h2',
        authority: 'shop.example',
        'unique-id': 'ab12',
        tls: '1.3',
        client: 'alice',
        'tlv-0xea': '01767063652d31',
      },
    })
  })

  it('have an id as the log of haproxy has it, where that is text', () => {
    const idOf = (bytes: Buffer) => parseV2(withFields([5, bytes])).facts['unique-id']
    expect(idOf(Buffer.from('id-2702-0'))).toBe('id-2702-0')
    expect(idOf(Buffer.from('a\x1b'))).toBe('611b')
  })

  it('are checked where they have a sum', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    const header = withFields([2, Buffer.from('a')], [3, Buffer.alloc(4)])
    header.writeUInt32BE(crc32c(header), header.length - 4)
    expect(parseV2(header).facts).toEqual({ authority: 'a' })
    header[17] = 99
    expect(() => parseV2(header)).toThrow('checksum')
  })

  it('say nothing of the ends where the proxy speaks for itself, or has no family for them', () => {
    const local = withFields([2, Buffer.from('a')])
    local[12] = 0x20
    expect(parseV2(local).ends).toBeUndefined()
    const mixed = { source: ENDS.source, destination: { family: 'unix', path: '/s' } } as const
    expect(formatV2(mixed).subarray(12).toString('hex')).toBe('21000000')
    expect(parseV2(formatV2(mixed)).ends).toBeUndefined()
  })

  it.each([
    ['version', 12, 0x31, 'version 3'],
    ['command', 12, 0x22, 'command 2'],
    ['family', 13, 0x41, 'address family 4'],
    ['length', 13, 0x21, 'too short'],
  ])('are not taken with a bad %s', (_, at, byte, words) => {
    const header = formatV2(ENDS)
    header[at] = byte
    expect(() => parseV2(header)).toThrow(words)
  })

  it('fail in good order whatever they hold', () => {
    const fixed = fc.tuple(
      fc.constantFrom(0x20, 0x21),
      fc.constantFrom(0x00, 0x11, 0x21, 0x31),
      fc.uint8Array({ maxLength: 300 }),
    )
    fc.assert(
      fc.property(fixed, ([command, family, rest]) => {
        const start = Buffer.from([command, family, rest.length >> 8, rest.length & 0xff])
        try {
          parseV2(Buffer.concat([V2_SIGNATURE, start, rest]))
        } catch (error) {
          expect(error).toBeInstanceOf(SockctlError)
          expect(error).toMatchObject({ code: 'ERR_PROTOCOL' })
        }
      }),
    )
  })
})

function canonical(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1)
}
