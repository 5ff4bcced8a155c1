import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatcher } from '../../../src/inspect/select/glob.ts'

describe('globMatcher', () => {
  it.each([
    ['/tmp/*', '/tmp/a/b', true],
    ['/TMP/a', '/tmp/A', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', 'a', true],
    ['?', '', false],
    ['?', '東', true],
    ['a*b*c', 'aXbXbXc', true],
    ['a*b*c', 'aXbXbX', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'bx', false],
    ['[]]', ']', true],
    ['[a-]', '-', true],
    ['[\\]]', ']', true],
    ['[a', '[a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(globMatcher(pattern)(text)).toBe(expected)
  })

  it('finds every text by itself, escaped', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const pattern = text.replaceAll(/[\\*?[]/g, '\\$&')
        expect(globMatcher(pattern)(text)).toBe(true)
        expect(globMatcher(`*${pattern}?`)(`x${text}y`)).toBe(true)
      }),
    )
  })

  it('does not take forever over many stars', () => {
    expect(globMatcher(`${'a*'.repeat(200)}b`)('a'.repeat(5000))).toBe(false)
  })
})
