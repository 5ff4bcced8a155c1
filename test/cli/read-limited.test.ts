import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLimited } from '../../src/cli/read-limited.ts'
import { main } from '../../src/main.ts'
import { fakeContext, run } from '../support/context.ts'

const text = { what: 'list', mostBytes: 5 }

describe('readLimited', () => {
  it('reads all of what is not too long, across its pieces', async () => {
    expect(await readLimited(Readable.from([Buffer.from('ä').subarray(0, 1)]), text)).toBe('\ufffd')
    const [first, second] = [Buffer.from('aä').subarray(0, 2), Buffer.from('aä').subarray(2)]
    expect(await readLimited(Readable.from([first, second, 'bc']), text)).toBe('aäbc')
  })

  it('ends what is endless', async () => {
    let pieces = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          pieces++
          yield 'xx'
        }
      })(),
      { highWaterMark: 1 },
    )
    await expect(readLimited(endless, text)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'cannot read the list: it is longer than 5 B',
    })
    expect(endless.destroyed).toBe(true)
    expect(pieces).toBeLessThan(10)
  })
})

describe('what sockctl inspect reads', () => {
  let folder: string
  /** A file of 300 MiB that takes no room. */
  let giant: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-giant-'))
    giant = join(folder, 'giant')
    writeFileSync(giant, '')
    truncateSync(giant, 300 * 2 ** 20)
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['--policy', 'the policy', '1 MiB'],
    ['--diff', 'the saved sockets', '128 MiB'],
    ['-F', 'the filter file', '1 MiB'],
  ])('is limited by %s', async (flag, what, most) => {
    const { code, stdout, stderr } = await run(['inspect', flag, giant])
    expect(stderr).toContain(`sockctl: cannot read ${what} ${giant}: it is longer than ${most}\n`)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it.each([
    [['-'], 'cannot read the pasted text: it is longer than 64 MiB'],
    [['-F', '-'], 'cannot read the filter on stdin: it is longer than 1 MiB'],
  ])('is limited on stdin: %s', async (words, message) => {
    const piece = Buffer.alloc(2 ** 20)
    const stdin = Readable.from(
      (function* () {
        for (;;) yield piece
      })(),
    )
    const context = fakeContext({ stdin })
    expect(await main(['inspect', ...words], context)).toBe(2)
    expect(context.stderr.text).toContain(message)
  })
})
