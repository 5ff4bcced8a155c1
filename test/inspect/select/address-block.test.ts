import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBlock, isInBlock, parseBlock } from '../../../src/inspect/select/address-block.ts'

describe('parseBlock', () => {
  it.each([
    ['127', '127.0.0.0'],
    ['127/8', '127.0.0.0/8'],
    ['193.233.7/24', '193.233.7.0/24'],
    ['0x7f.0.0.010', '127.0.0.8'],
    ['10.0.0.0/255.128.0.0', '10.0.0.0/9'],
    ['::', '::'],
    ['::1/128', '::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['2001:db8::/32', '2001:db8::/32'],
  ])('reads %s as %s', (text, expected) => {
    const block = parseBlock(text)
    expect(block && formatBlock(block)).toBe(expected)
  })

  it.each([
    '',
    'a',
    '256',
    '1.2.3.4.5',
    '1..2',
    '08',
    '127/33',
    '127/x',
    '::/129',
    ':',
    '1::2::3',
    'fe80::1%lo',
    '10/255.0.255.0',
  ])('does not read "%s"', text => {
    expect(parseBlock(text)).toBeUndefined()
  })

  it('reads back every address, as Node writes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
        const block = parseBlock(text)
        if (block === undefined) throw new Error('it was not read')
        const written = formatBlock(block)
        expect(isIP(written)).toBe(isIP(text))
        expect(parseBlock(written)).toEqual(block)
        const urlHost = (one: string): string =>
          new URL(`http://${one.includes(':') ? `[${one}]` : one}`).hostname
        expect(urlHost(written)).toBe(urlHost(text))
      }),
    )
  })
})

describe('isInBlock', () => {
  it('compares the bits of the prefix only', () => {
    const bytes = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    fc.assert(
      fc.property(bytes, bytes, fc.nat(32), (address, block, prefixBits) => {
        const bits = (one: readonly number[]): string =>
          one
            .map(byte => byte.toString(2).padStart(8, '0'))
            .join('')
            .slice(0, prefixBits)
        expect(isInBlock(address, { family: 'ipv4', bytes: block, prefixBits })).toBe(
          bits(address) === bits(block),
        )
      }),
    )
  })
})
