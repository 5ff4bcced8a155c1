import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHex } from '../../src/cli/parse-hex.ts'

describe('parseHex', () => {
  it.each([
    '0100af',
    '01 00 af',
    '01:00:AF',
    '0x01 0x00 0xaf',
    '01, 00, af',
    '0x0100af',
    '01-00-af',
  ])('reads %s', text => {
    expect(parseHex(text)).toEqual(Buffer.from([0x01, 0x00, 0xaf]))
  })

  it('reads nothing as no bytes', () => {
    expect(parseHex('')).toHaveLength(0)
  })

  it.each(['1', '0 1 0', '1 0', 'xy', '01 0', '0x', '0x1', '00x1', '01;00'])('rejects %j', text => {
    expect(() => parseHex(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })

  it('reads back what it is written as', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        const data = Buffer.from(bytes)
        expect(parseHex(data.toString('hex').replace(/../g, '$& '))).toEqual(data)
      }),
    )
  })
})
