import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  fileSource,
  linesAsDatagrams,
  stdinSource,
  wholeAsDatagram,
} from '../../src/cli/datagram-input.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function all(datagrams: AsyncIterable<Buffer>): Promise<string[]> {
  const texts: string[] = []
  for await (const one of datagrams) texts.push(one.toString())
  return texts
}

function source(...chunks: readonly string[]) {
  return { name: 'the source', chunks: chunks.map(chunk => Buffer.from(chunk)) }
}

describe('wholeAsDatagram', () => {
  it('makes one datagram of everything, line breaks and all', async () => {
    expect(await all(wholeAsDatagram(source('one\n', 'two\n')))).toEqual(['one\ntwo\n'])
  })

  it('makes an empty datagram of nothing, except where that means that there is nothing', async () => {
    expect(await all(wholeAsDatagram(source()))).toEqual([''])
    await expect(all(wholeAsDatagram(stdinSource(Readable.from([]))))).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'nothing to send: stdin is empty',
    })
  })

  it('takes 65,507 bytes and no more, without reading on', async () => {
    expect(await all(wholeAsDatagram(source('x'.repeat(65_507))))).toHaveLength(1)
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.alloc(1000)
    }
    const reading = all(wholeAsDatagram({ name: 'stdin', chunks: endless() }))
    await expect(reading).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'stdin does not fit in one datagram (65507 bytes at most)',
      hints: ['With --lines each line is one.'],
    })
  })
})

describe('linesAsDatagrams', () => {
  it.each([
    [['one\ntwo\n'], ['one', 'two']],
    [['one\r\ntwo'], ['one', 'two']],
    [
      ['o', 'ne\r', '\ntw', 'o\n'],
      ['one', 'two'],
    ],
    [['\n\na\n'], ['', '', 'a']],
    [['\r\n'], ['']],
    [['a\rb\n'], ['a\rb']],
    [[], []],
  ])('makes of %j %j', async (chunks, expected) => {
    expect(await all(linesAsDatagrams(source(...chunks)))).toEqual(expected)
  })

  it('does not care where the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-c\r]*$/)),
        fc.nat(5),
        async (lines, size) => {
          const wanted = lines.map(line => line.replace(/\r$/, ''))
          const text = wanted.map(line => `${line}\n`).join('')
          const chunks = text.match(new RegExp(`[^]{1,${size + 1}}`, 'g')) ?? []
          expect(await all(linesAsDatagrams(source(...chunks)))).toEqual(
            wanted.map(line => line.replace(/\r$/, '')),
          )
        },
      ),
    )
  })

  it('names the line that does not fit, also before its end has come', async () => {
    const long = 'x'.repeat(65_508)
    for (const chunks of [[`a\n${long}\n`], ['a\n', long.slice(1), 'xx', 'more']]) {
      await expect(all(linesAsDatagrams(source(...chunks)))).rejects.toMatchObject({
        code: 'ERR_USAGE',
        message: 'line 2 of the source does not fit in one datagram (65507 bytes at most)',
      })
    }
    const fitting = 'x'.repeat(65_507)
    expect(await all(linesAsDatagrams(source(`${fitting}\r\n`)))).toEqual([fitting])
  })
})

describe('fileSource', () => {
  it('reads a file', async () => {
    const file = join(folder, 'payload')
    writeFileSync(file, 'content')
    expect(await all(wholeAsDatagram(fileSource(file)))).toEqual(['content'])
  })

  it.each([
    [join(folder, 'missing'), 'ERR_NOT_FOUND'],
    [folder, 'ERR_USAGE'],
  ])('cannot read %s', async (file, code) => {
    await expect(all(wholeAsDatagram(fileSource(file)))).rejects.toMatchObject({ code })
  })
})
