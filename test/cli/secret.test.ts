import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readSecret, withoutVariables } from '../../src/cli/secret.ts'
import { fakeContext } from '../support/context.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-secret-'))
afterAll(() => rmSync(folder, { recursive: true }))

const env = { TOKEN: 's3cret', EMPTY: '' }

/** What it gives, and what it warns of. */
async function read(text: string, quiet?: boolean) {
  const context = fakeContext({ env })
  const secret = await readSecret(text, context, { name: '--token', quiet })
  return { secret, stderr: context.stderr.text }
}

function file(content: string, mode = 0o600): string {
  const path = join(folder, 'token')
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

describe('readSecret', () => {
  it('reads a variable, and warns of nothing', async () => {
    expect(await read('env:TOKEN')).toEqual({ secret: 's3cret', stderr: '' })
  })

  it.each([
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['s3cret', 's3cret'],
    [' two\nlines \n', ' two\nlines '],
  ])('reads a file of %j without the line break at its end', async (content, secret) => {
    expect(await read(`file:${file(content)}`)).toEqual({ secret, stderr: '' })
  })

  it.skipIf(process.platform === 'win32')('warns of a file that others may read', async () => {
    const path = file('s3cret', 0o640)
    const { secret, stderr } = await read(`file:${path}`)
    expect(secret).toBe('s3cret')
    expect(stderr).toBe(
      `warning: --token: others may read ${path}; to keep them from it: chmod 600 ${path}\n`,
    )
  })

  it('takes any other text for the secret, and warns that it can be seen', async () => {
    const { secret, stderr } = await read('s3cret')
    expect(secret).toBe('s3cret')
    expect(stderr).toMatch(/^warning: --token: .*\(ps\).*\n$/)
    expect(stderr).not.toContain('s3cret')
    expect((await read('s3cret', true)).stderr).toBe('')
  })

  it.each([
    ['env:NONE', 'ERR_NOT_FOUND', 'the environment has no NONE'],
    ['env:EMPTY', 'ERR_USAGE', 'EMPTY is empty'],
    ['', 'ERR_USAGE', 'no secret'],
    [`file:${folder}/none`, 'ERR_NOT_FOUND', `${folder}/none`],
    [`file:${folder}`, 'ERR_USAGE', 'a folder'],
  ])('says what is wrong with %j', async (text, code, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`^--token: .*${message}`)),
    })
  })

  it('does not take an empty file for a secret', async () => {
    await expect(read(`file:${file('\n')}`)).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })
})

describe('withoutVariables', () => {
  it('leaves out what secrets come from, and nothing else', () => {
    expect(withoutVariables({ A: '1', TOKEN: 's' }, ['env:TOKEN', 'A', 'file:A'])).toEqual({
      A: '1',
    })
  })
})
