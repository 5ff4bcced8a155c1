import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TerminalFilter } from '../../src/cli/terminal-filter.ts'

function filtered(...chunks: readonly (string | Buffer)[]): string {
  const filter = new TerminalFilter()
  return chunks.map(chunk => filter.push(Buffer.from(chunk))).join('') + filter.end()
}

describe('TerminalFilter', () => {
  it.each([
    ['text', 'grün ✓ 日本 \u{1f600}', 'grün ✓ 日本 \u{1f600}'],
    ['line breaks and tabs', 'a\nb\r\n\tc', 'a\nb\r\n\tc'],
    ['a cursor movement', '\x1b[2J\x1b[H', '\\x1b[2J\\x1b[H'],
    ['a title', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
    ['an 8-bit CSI', '\u009b31m', '\\x9b31m'],
    ['a line written over', 'safe\rrm -rf', 'safe\\rrm -rf'],
    ['a reversed file name', 'exe.\u202etxt', 'exe.\\u{202e}txt'],
    ['a backspace', 'a\b', 'a\\x08'],
  ])('shows %s as it is or as an escape', (_, raw, shown) => {
    expect(filtered(raw)).toBe(shown)
  })

  it('puts together what lies across chunks', () => {
    const smile = Buffer.from('\u{1f600}')
    expect(filtered(smile.subarray(0, 2), smile.subarray(2))).toBe('\u{1f600}')
    expect(filtered('a\r', '\nb')).toBe('a\r\nb')
    expect(filtered('a\r', 'b')).toBe('a\\rb')
    expect(filtered('a\r')).toBe('a\\r')
  })

  it('shows a prompt at once', () => {
    expect(new TerminalFilter().push(Buffer.from('login: '))).toBe('login: ')
  })

  it('lets no control through, whatever comes, and however it is cut', () => {
    const bytes = fc.uint8Array({ maxLength: 60 })
    fc.assert(
      fc.property(bytes, fc.nat(60), (raw, at) => {
        const shown = filtered(Buffer.from(raw.subarray(0, at)), Buffer.from(raw.subarray(at)))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        expect(shown.replaceAll('\r\n', '')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
        expect(shown).toBe(filtered(Buffer.from(raw)))
      }),
    )
  })
})
