import { describe, expect, it } from 'vitest'
import { BoundedMatch } from '../../src/session/bounded-match.ts'

describe('BoundedMatch', () => {
  it('finds what a pattern finds, from an index on', () => {
    const match = new BoundedMatch(/^b+/gm)
    expect(match.test('a\nbb', 0, 1000)).toBe(true)
    expect(match.test('bb\na', 1, 1000)).toBe(false)
    expect(match.test('b', 0, 1000)).toBe(true)
  })

  it.each([
    ['nested repetition', /(a+)+b/gm],
    ['a look ahead', /(?=a)(a+)+b/gm],
    ['a reference', /(a+)+b|(x)\2/gm],
    ['letters beyond ASCII', /(ä|a+)+b/gmu],
    ['a range of counts', /(a{1,20}){1,20}b/gm],
  ])('gives up on a pattern that runs away with %s', (_, pattern) => {
    const match = new BoundedMatch(pattern)
    const startedAt = performance.now()
    expect(match.test('a'.repeat(60), 0, 50)).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(match.test('aab', 0, 1000)).toBe(true)
  })
})
