import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { writeManPage } from '../../../src/cli/documents/man-page.ts'
import { hasPeer } from '../../support/peers.ts'

const page = (text: string): string =>
  writeManPage({
    name: 'sockctl-x',
    section: 1,
    summary: 'do it',
    sections: [{ title: 'Text', body: [text] }],
  })

describe('writeManPage', () => {
  it('escapes what roff would take for its own', () => {
    expect(page(".a\n\n'b\n\n--c \\n `d` ^e ~f").split('\n').slice(7)).toEqual([
      '.PP',
      '\\&.a',
      '.PP',
      '\\(aqb',
      '.PP',
      '\\-\\-c \\en \\(gad\\(ga \\(hae \\(tif',
      '',
    ])
  })

  it('starts every sentence on a line of its own', () => {
    expect(page('One. Two, e.g. this! Three')).toContain('.PP\nOne.\nTwo, e.g. this!\nThree\n')
  })

  it('sets flags in bold and placeholders in italics, without their brackets', () => {
    const text = writeManPage({
      name: 'x',
      section: 1,
      summary: 'x',
      sections: [{ title: 'Options', body: [[['-p, --port <port>', 'A port']]] }],
    })
    expect(text).toContain('.TP\n\\fB\\-p, \\-\\-port \\fR\\fIport\\fR\nA port\n')
  })

  it.skipIf(!hasPeer('groff'))('is shown by groff as it was written', () => {
    const source = '.a \'b\' \\x00 \\n --c `d` ^e ~f "g" café → $ % \\&\\fBx'
    const shown = execFileSync('groff', ['-man', '-Tutf8', '-P-c', '-ww'], {
      input: page(`${source}\n\n  ${source}`),
      encoding: 'utf8',
    })
    expect(shown.split(source)).toHaveLength(3)
  })
})
