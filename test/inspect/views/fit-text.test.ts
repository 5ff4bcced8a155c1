import { describe, expect, it } from 'vitest'
import { cutTo, padTo } from '../../../src/inspect/views/fit-text.ts'

describe('cutTo', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('makes %s in %i columns %s', (text, columns, cut) => {
    expect(cutTo(text, columns)).toBe(cut)
  })
})

describe('padTo', () => {
  it.each([
    ['ab', 4, undefined, 'ab  '],
    ['12', 4, 'right' as const, '  12'],
    ['日本語', 4, undefined, '日… '],
  ])('makes %s in %i columns %s "%s"', (text, columns, align, padded) => {
    expect(padTo(text, columns, align)).toBe(padded)
  })
})
