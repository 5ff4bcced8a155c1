import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namesOf, quoted, wordsOf } from '../../../../src/inspect/checks/policy/words.ts'

describe('wordsOf', () => {
  it.each([
    ['', []],
    ['  \t', []],
    ['# all of it', []],
    ['tcp  *:80 # nginx', ['tcp', '*:80']],
    ['unix @a#b', ['unix', '@a#b']],
    ['a "b # c",d\te', ['a', '"b # c",d', 'e']],
    ['"a\\"b" c', ['"a\\"b"', 'c']],
  ])('divides %j', (line, words) => {
    expect(wordsOf(line).map(({ word }) => word)).toEqual(words)
  })
})

describe('quoted', () => {
  it('writes any name so that it is read as itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }),
        names => {
          const [word, ...others] = wordsOf(names.map(quoted).join(','))
          expect(others).toEqual([])
          expect(word && namesOf(word).map(({ text }) => text)).toEqual(names)
        },
      ),
    )
  })
})
