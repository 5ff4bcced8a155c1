import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeTrustFile } from '../../src/cli/trust-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-trust-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('writeTrustFile', () => {
  it('writes where only we may look, and removes all of it', () => {
    const trust = writeTrustFile('CA\n', undefined)
    expect(readFileSync(trust.path, 'utf8')).toBe('CA\n')
    expect(trust.extraPath).toBe(trust.path)
    expect(statSync(dirname(trust.path)).mode & 0o777).toBe(0o700)
    trust.remove()
    expect(existsSync(dirname(trust.path))).toBe(false)
    trust.remove()
  })

  it('puts it beside what is trusted already, where there is such a file', () => {
    const extra = join(folder, 'extra.pem')
    writeFileSync(extra, 'OTHER')
    const trust = writeTrustFile('CA\n', extra)
    expect(readFileSync(trust.extraPath, 'utf8')).toBe('OTHER\nCA\n')
    expect(readFileSync(trust.path, 'utf8')).toBe('CA\n')
    trust.remove()
    const alone = writeTrustFile('CA\n', join(folder, 'none'))
    expect(alone.extraPath).toBe(alone.path)
    alone.remove()
  })
})
