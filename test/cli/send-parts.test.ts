import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import {
  ensureFiles,
  readParts,
  type SendPart,
  sendOptions,
  sendParts,
} from '../../src/cli/send-parts.ts'
import { readAll } from '../support/read-all.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-parts-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As the parser of the command line calls them: flag by flag. */
function typed(...flags: readonly [flag: string, value: string][]) {
  const options = sendOptions()
  const parts: Record<string, SendPart[]> = {}
  for (const [flag, value] of flags) {
    const option = options.find(one => one.flags.startsWith(`${flag} `))
    const key = flag.slice(2).replace(/-(.)/, (_, letter) => letter.toUpperCase())
    parts[key] = [...(parts[key] ?? []), option?.parse?.(value) as SendPart]
  }
  return sendParts(parts)
}

describe('sendParts', () => {
  it('keeps the order in which the flags were typed', async () => {
    const file = join(folder, 'body')
    writeFileSync(file, 'BODY')
    const parts = typed(
      ['--send', 'a\\r\\n'],
      ['--send-hex', '00 ff'],
      ['--send-file', file],
      ['--send', 'z'],
      ['--send-file', '-'],
    )
    const sent = await readAll(readParts(parts, () => Readable.from([Buffer.from('stdin')])))
    expect(sent).toEqual(Buffer.from('a\r\n\x00\xffBODYzstdin', 'latin1'))
  })
})

describe('ensureFiles', () => {
  it('says which file is missing, or is none', () => {
    expect(() => ensureFiles(typed(['--send-file', join(folder, 'none')]))).toThrow('no such file')
    expect(() => ensureFiles(typed(['--send-file', folder]))).toThrow('that is a folder')
    expect(() => ensureFiles(typed(['--send-file', '-'], ['--send', 'x']))).not.toThrow()
  })
})
