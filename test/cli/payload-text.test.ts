import fc from 'fast-check'
import textWidth from 'fast-string-width'
import { describe, expect, it } from 'vitest'
import { payloadText } from '../../src/cli/payload-text.ts'
import { terminalText } from '../../src/terminal-text.ts'

describe('payloadText', () => {
  it.each([
    ['hello', 'hello'],
    ['', '(empty)'],
    ['two\nlines\r\n', 'two\\nlines\\r\\n'],
    ['a\tb', 'a\\tb'],
    ['żółw 漢字', 'żółw 漢字'],
    ['rtl \u202e and zero \u200b width', 'rtl \\u{202e} and zero \\u{200b} width'],
    ['\x1b[2J', '1b 5b 32 4a'],
    ['a\0b', '61 00 62'],
    ['\x7f', '7f'],
    ['\u009b31m', 'c2 9b 33 31 6d'],
  ])('shows %j as %s', (text, expected) => {
    expect(payloadText(Buffer.from(text))).toBe(expected)
  })

  it('shows bytes that are no UTF-8 as hex', () => {
    expect(payloadText(Buffer.from([0x01, 0x00, 0xaf]))).toBe('01 00 af')
    expect(payloadText(Buffer.from([0xc3, 0x28]))).toBe('c3 28')
  })

  it('shows text as hex when asked to', () => {
    expect(payloadText(Buffer.from('hi'), { hex: true })).toBe('68 69')
  })

  it.each([
    ['hello world', 8, 'hello w…'],
    ['hello', 5, 'hello'],
    ['漢字漢字', 5, '漢字…'],
    ['\x01\x02\x03\x04', 8, '01 02 0…'],
  ])('cuts %j to %d columns', (text, width, expected) => {
    expect(payloadText(Buffer.from(text), { width })).toBe(expected)
  })

  it('looks at no more of a payload than can be seen, and cuts no character in half', () => {
    const long = Buffer.from('漢'.repeat(20_000))
    expect(payloadText(long, { width: 9 })).toBe('漢漢漢漢…')
  })

  it('never lets a payload obey, and never exceeds its columns', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 60 }), (bytes, width) => {
        const text = payloadText(Buffer.from(bytes), { width })
        expect(terminalText(text)).toBe(text)
        if (bytes.length > 0) expect(textWidth(text)).toBeLessThanOrEqual(width)
      }),
    )
  })
})
