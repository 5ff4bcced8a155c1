import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { wrap, writeForTerminal } from '../../../src/cli/documents/terminal.ts'

describe('writeForTerminal', () => {
  it('writes terms and texts in two columns, and what is too wide on lines of its own', () => {
    const body = [
      [
        ['-q, --quiet', 'Only errors'],
        ['--port <port>', 'A port with a text that is long enough to need a second line'],
        ['--an-option-that-is-very-wide-indeed', 'Still explained'],
      ] as const,
    ]
    expect(
      writeForTerminal([{ title: 'Options', body }], { width: 50, paint: PLAIN }),
    ).toMatchInlineSnapshot(`
      "Options
        -q, --quiet        Only errors
            --port <port>  A port with a text that is
                           long enough to need a second
                           line
            --an-option-that-is-very-wide-indeed
                           Still explained
      "
    `)
  })

  it('aligns the options of all sections', () => {
    const sections = [
      { title: 'One', body: [[['--port <port>', 'A port']] as const] },
      { title: 'Two', body: [[['-q', 'Quiet']] as const] },
    ]
    expect(writeForTerminal(sections, { width: 50, paint: PLAIN })).toMatchInlineSnapshot(`
      "One
            --port <port>  A port

      Two
        -q                 Quiet
      "
    `)
  })

  it('fills paragraphs, keeps indented lines, and puts a line between blocks', () => {
    const sections = [
      {
        title: 'One',
        body: ['Some words\nthat are filled.\n\n  $ kept   as it is', [['a', '']] as const],
      },
      { title: 'Two', body: ['More.'] },
    ]
    expect(writeForTerminal(sections, { width: 40, paint: PLAIN })).toMatchInlineSnapshot(`
      "One
        Some words that are filled.

          $ kept   as it is

        a

      Two
        More.
      "
    `)
  })

  it('marks headings with the paint it is given', () => {
    const paint = { ...PLAIN, strong: (text: string) => `*${text}*` }
    expect(writeForTerminal([{ title: 'One', body: [] }], { width: 40, paint })).toBe('*One*\n')
  })
})

describe('wrap', () => {
  it('lets a word that is wider than the line stand alone', () => {
    expect(wrap('a bbbbbbbb c d', 4)).toEqual(['a', 'bbbbbbbb', 'c d'])
  })

  it('keeps together what stands in brackets', () => {
    expect(wrap('How long [default: 2s] it takes', 16)).toEqual([
      'How long',
      '[default: 2s] it',
      'takes',
    ])
  })
})
