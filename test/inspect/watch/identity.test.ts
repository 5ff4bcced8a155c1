import { describe, expect, it } from 'vitest'
import { keyOf } from '../../../src/inspect/watch/identity.ts'
import { connection, record, unixSocket } from '../../support/records.ts'

const ends = ['127.0.0.1:8080', '127.0.0.1:40000'] as const

describe('keyOf', () => {
  it("is the kernel's number, through all states", () => {
    expect(keyOf(connection(...ends, { cookie: 7n }))).toBe(7)
    expect(keyOf(connection(...ends, { cookie: 7n, state: 'time-wait', inode: 0 }))).toBe(7)
  })

  it('keeps numbers apart that are too large for a number', () => {
    const keys = [2n ** 60n, 2n ** 60n + 1n].map(cookie => keyOf(record({ cookie })))
    expect(new Set(keys).size).toBe(2)
  })

  it('keeps network namespaces apart', () => {
    const [a, b] = [1, 2].map(inode => keyOf(record({ netns: { inode, name: undefined } })))
    expect(a).not.toBe(b)
  })

  it('is the two ends where there is no number, so that TIME_WAIT is known again', () => {
    const open = connection(...ends, { cookie: undefined, inode: 5 })
    const over = connection(...ends, { cookie: undefined, inode: 0, state: 'time-wait' })
    expect(keyOf(open)).toBe(keyOf(over))
  })

  it('is the inode where there are no two ends', () => {
    const [a, b] = [1, 2].map(inode => keyOf(record({ cookie: undefined, inode })))
    expect(a).not.toBe(b)
    const path = unixSocket('/tmp/s', { cookie: undefined, inode: 9 })
    expect(keyOf(path)).toBe(keyOf({ ...path, state: 'unconnected' }))
  })
})
