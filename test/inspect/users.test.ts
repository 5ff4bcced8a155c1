import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { userNames } from '../../src/inspect/users.ts'

describe('userNames', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sockctl-users-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('names users by passwd(5), the first line of a uid', () => {
    const file = join(folder, 'passwd')
    writeFileSync(
      file,
      'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n# note\nwww-data:x:33:33::/:\nbad\n',
    )
    const nameOf = userNames(file)
    expect([0, 33, 1000].map(nameOf)).toEqual(['root', 'www-data', undefined])
  })

  it('names nobody where there is no such file', () => {
    expect(userNames(join(folder, 'none'))(0)).toBeUndefined()
  })
})
