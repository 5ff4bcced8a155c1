import fc from 'fast-check'
import widthOf from 'fast-string-width'
import { describe, expect, it } from 'vitest'
import { closestWord, terminalJson, terminalText, textWidth } from '../src/terminal-text.ts'

describe('terminalText', () => {
  it.each([
    ['a title for the window', '\x1b]0;pwned\x07', '\\x1b]0;pwned\\x07'],
    ['a forged row', 'sshd\ntcp LISTEN', 'sshd\\ntcp LISTEN'],
    ['a carriage return', 'a\rb', 'a\\rb'],
    ['a C1 control sequence introducer', '\x9b2J', '\\x9b2J'],
    ['reversed letters', 'exe.\u202egpj', 'exe.\\u{202e}gpj'],
    ['a zero-width space', 'ad\u200bmin', 'ad\\u{200b}min'],
    ['a tag that nobody sees', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half of a surrogate pair', 'a\ud800', 'a\\u{d800}'],
  ])('shows %s instead of obeying it', (_, text, safe) => {
    expect(terminalText(text)).toBe(safe)
  })

  it('leaves letters of every script and whole emoji alone', () => {
    const text = 'naïve Ελληνικά 日本語 🙂'
    expect(terminalText(text)).toBe(text)
  })

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
        expect(terminalText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
      }),
    )
  })
})

describe('terminalJson', () => {
  it('writes as \\u what a terminal obeys or hides, and JSON.stringify leaves', () => {
    const json = JSON.stringify({ name: '\x7f\x9b2J\u202e\u{e0041}é日' })
    expect(terminalJson(json)).toBe('{"name":"\\u007f\\u009b2J\\u202e\\udb40\\udc41é日"}')
  })

  it('says the same to a parser, on the same lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const json = JSON.stringify({ text }, undefined, 2)
        expect(JSON.parse(terminalJson(json))).toEqual({ text })
        expect(terminalJson(json).split('\n')).toHaveLength(3)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must be gone
        expect(terminalJson(json)).not.toMatch(/[\u0000-\u0009\u007f-\u009f\u202a-\u202e]/)
      }),
    )
  })
})

describe('closestWord', () => {
  const words = ['serve', 'connect', 'udp', 'inspect', 'wait']

  it.each([
    ['sevre', 'serve'],
    ['conect', 'connect'],
    ['INSPECT', 'inspect'],
    ['inpsect', 'inspect'],
  ])('finds what %s was meant to be', (typed, meant) => {
    expect(closestWord(typed, words)).toBe(meant)
  })

  it('guesses nothing when nothing is near', () => {
    expect(closestWord('frobnicate', words)).toBeUndefined()
    expect(closestWord('x', words)).toBeUndefined()
  })
})

describe('textWidth', () => {
  it.each([
    ['', 0],
    ['node pid=4711 ~', 15],
    ['é', 1],
    ['e\u0301', 1],
    ['港', 2],
    ['a港b', 4],
  ])('%j takes %d columns', (text, columns) => {
    expect(textWidth(text)).toBe(columns)
  })

  it('is what the package says of every letter that has its answer without it', () => {
    for (let code = 0x20; code < 0x7f; code++) {
      const letter = String.fromCharCode(code)
      expect(textWidth(letter)).toBe(widthOf(letter))
    }
  })
})
