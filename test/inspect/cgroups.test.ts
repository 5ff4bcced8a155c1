import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cgroupNames } from '../../src/inspect/cgroups.ts'

const root = mkdtempSync(join(tmpdir(), 'sockctl-'))
afterAll(() => rmSync(root, { recursive: true }))
mkdirSync(join(root, 'unified/system.slice/shop.service'), { recursive: true })

describe('cgroupNames', () => {
  const roots = [root, join(root, 'unified')]
  const inode = statSync(join(root, 'unified/system.slice/shop.service')).ino

  it('knows none where version 2 is not', () => {
    expect(cgroupNames(roots)(inode)).toBeUndefined()
  })

  it('names them by their folders, also beside version 1', () => {
    writeFileSync(join(root, 'unified/cgroup.controllers'), '')
    const name = cgroupNames(roots)
    expect(name(inode)).toBe('/system.slice/shop.service')
    expect(name(statSync(join(root, 'unified')).ino)).toBe('/')
    expect(name(statSync(root).ino)).toBeUndefined()
  })
})
