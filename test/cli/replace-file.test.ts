import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureReplaceable, replaceFile } from '../../src/cli/replace-file.ts'
import { failureOf } from '../support/failure.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-replace-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('replaceFile', () => {
  it('puts the whole text in place of what stood there, and leaves nothing else', () => {
    const path = join(folder, 'a')
    replaceFile(path, 'one', { what: 'file' })
    replaceFile(path, 'two', { what: 'file' })
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['a'])
  })

  it.skipIf(process.platform === 'win32')('gives it the permissions that are asked for', () => {
    const path = join(folder, 'a')
    const stats = replaceFile(path, 'secret', { what: 'file', mode: 0o600 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(stats.ino).toBe(lstatSync(path).ino)
  })

  it('says what could not be written, and leaves nothing behind', () => {
    const path = join(folder, 'a')
    mkdirSync(path)
    const error = failureOf(() => replaceFile(path, 'x', { what: 'port file' }))
    expect(error.message).toContain(`cannot write the port file ${path}: `)
    expect(readdirSync(folder)).toEqual(['a'])
  })
})

describe('ensureReplaceable', () => {
  it('takes a file and what is not there', () => {
    ensureReplaceable(join(folder, 'none'), 'port file')
    replaceFile(join(folder, 'a'), '', { what: 'file' })
    ensureReplaceable(join(folder, 'a'), 'port file')
  })

  it('refuses a folder and a device', () => {
    expect(failureOf(() => ensureReplaceable(folder, 'port file'))).toMatchObject({
      code: 'ERR_USAGE',
      message: `cannot replace the port file ${folder}: that is a folder`,
    })
    if (process.platform === 'win32') return
    const error = failureOf(() => ensureReplaceable('/dev/null', 'port file'))
    expect(error.message).toBe('cannot replace the port file /dev/null: that is not a regular file')
  })
})
