import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NetworkFiles } from '../../src/access/network-files.ts'
import { failureOf } from '../support/failure.ts'
import { endSessionsAfterEach, newFolder } from '../support/serve-session.ts'

endSessionsAfterEach()

function files(allow: string, deny = '') {
  const folder = newFolder()
  const paths = { allow: `${folder}/allow`, deny: `${folder}/deny` }
  writeFileSync(paths.allow, allow)
  writeFileSync(paths.deny, deny)
  const list = new NetworkFiles({
    allow: [],
    deny: [],
    allowFiles: [paths.allow],
    denyFiles: [paths.deny],
  })
  return { list, paths }
}

describe('NetworkFiles', () => {
  it('reads a network a line, with comments', () => {
    const { list } = files('# us\n10.0.0.0/8  # the office\r\n\n::1\n', '10.6.6.6\n')
    expect(['10.1.2.3', '::1', '10.6.6.6', '11.0.0.1'].map(host => list.check(host))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('allows nobody by a file that is empty', () => {
    expect(files('# everybody has left\n').list.check('127.0.0.1')).toBe(false)
  })

  it('keeps out nobody by an empty file of those to keep out', () => {
    const denyFiles = [files('').paths.deny]
    const list = new NetworkFiles({ allow: [], deny: [], allowFiles: [], denyFiles })
    expect(list.check('127.0.0.1')).toBe(true)
  })

  it('holds beside the rules of the command line', () => {
    const { paths } = files('10.0.0.0/8\n')
    const list = new NetworkFiles({
      allow: ['192.0.2.0/24'],
      deny: ['10.0.0.1'],
      allowFiles: [paths.allow],
      denyFiles: [],
    })
    expect(['192.0.2.1', '10.0.0.2', '10.0.0.1'].map(host => list.check(host))).toEqual([
      true,
      true,
      false,
    ])
  })

  it('is changed by reading the files again, and only then', () => {
    const { list, paths } = files('10.0.0.0/8\n')
    writeFileSync(paths.allow, '11.0.0.0/8\n')
    expect(list.check('10.0.0.1')).toBe(true)
    list.reload()
    expect(list.check('10.0.0.1')).toBe(false)
    expect(list.check('11.0.0.1')).toBe(true)
  })

  it('keeps what it knows when a file has a mistake, and says where', () => {
    const { list, paths } = files('10.0.0.0/8\n')
    writeFileSync(paths.allow, '11.0.0.0/8\n\n12.0.0.0/64\n')
    const failure = failureOf(() => list.reload())
    expect(failure.code).toBe('ERR_USAGE')
    expect(failure.message).toContain(`${paths.allow}, line 3: `)
    expect(list.check('10.0.0.1')).toBe(true)
    expect(list.check('11.0.0.1')).toBe(false)
  })

  it('keeps what it knows when a file has gone', () => {
    const { list, paths } = files('10.0.0.0/8\n')
    rmSync(paths.deny)
    expect(failureOf(() => list.reload())).toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining(paths.deny),
    })
    expect(list.check('10.0.0.1')).toBe(true)
  })

  it.skipIf(process.getuid?.() === 0)('says when it may not read a file', () => {
    const { paths } = files('10.0.0.0/8\n')
    chmodSync(paths.allow, 0)
    const settings = { allow: [], deny: [], allowFiles: [paths.allow], denyFiles: [] }
    expect(failureOf(() => new NetworkFiles(settings)).code).toBe('ERR_DENIED')
  })
})
