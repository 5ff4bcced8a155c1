import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cgroupIdAt,
  findCgroupRoot,
  readCgroupTree,
} from '../../../../src/inspect/owners/cgroup/tree.ts'

const root = process.platform === 'linux' ? findCgroupRoot('/proc') : undefined

describe('the tree of cgroups', () => {
  it('is empty where there is none', () => {
    expect(findCgroupRoot('/no/proc')).toBeUndefined()
    expect(readCgroupTree(undefined)).toEqual(new Map())
    expect(cgroupIdAt('/no/cgroups', '/')).toBeUndefined()
  })

  it.skipIf(root === undefined)('begins at the root', () => {
    const at = root ?? ''
    expect(readCgroupTree(at).get(statSync(at).ino)).toBe('/')
    expect(cgroupIdAt(at, '/')).toBe(statSync(at).ino)
  })

  it.skipIf(root === undefined || process.getuid?.() !== 0)(
    'has every cgroup by its number',
    () => {
      const at = root ?? ''
      const name = `sockctl-test-${process.pid}`
      const folder = join(at, name)
      mkdirSync(join(folder, 'x.service'), { recursive: true })
      try {
        const path = `/${name}/x.service`
        const id = cgroupIdAt(at, path)
        expect(id).toBeGreaterThan(1)
        expect(readCgroupTree(at).get(id ?? 0)).toBe(path)
      } finally {
        rmdirSync(join(folder, 'x.service'))
        rmdirSync(folder)
      }
    },
  )
})
