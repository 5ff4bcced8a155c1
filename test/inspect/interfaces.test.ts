import { readlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { interfaceNames } from '../../src/inspect/interfaces.ts'

describe.runIf(process.platform === 'linux')('interfaceNames', () => {
  const own = Number(/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0])

  it('names the interfaces of this machine', () => {
    expect(interfaceNames()(1)).toBe('lo')
    expect(interfaceNames()(1, { inode: own, name: undefined })).toBe('lo')
  })

  it('names none of another network namespace, and none that there is not', () => {
    expect(interfaceNames()(1, { inode: own + 1, name: 'shop' })).toBeUndefined()
    expect(interfaceNames()(999_999)).toBeUndefined()
    expect(interfaceNames('/nonexistent')(1)).toBeUndefined()
  })
})
