import { describe, expect, it } from 'vitest'
import { splitProse } from '../../../src/cli/documents/prose.ts'

const paragraph = (text: string) => ({ kind: 'paragraph', text })
const verbatim = (...lines: string[]) => ({ kind: 'verbatim', lines })

describe('splitProse', () => {
  it.each([
    ['joins the lines of a paragraph', 'a\nb', [paragraph('a b')]],
    ['ends a paragraph at an empty line', 'a\n\n\nb', [paragraph('a'), paragraph('b')]],
    [
      'keeps indented lines',
      'a\n  x\n    y\nb',
      [paragraph('a'), verbatim('x', '  y'), paragraph('b')],
    ],
    [
      'keeps an empty line between indented ones',
      '  x\n\n  y\n\nb',
      [verbatim('x', '', 'y'), paragraph('b')],
    ],
    ['gives nothing for nothing', '\n', []],
  ])('%s', (_, text, pieces) => {
    expect(splitProse(text)).toEqual(pieces)
  })
})
