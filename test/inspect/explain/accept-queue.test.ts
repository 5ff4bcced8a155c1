import { describe, expect, it } from 'vitest'
import { isUnaccepted } from '../../../src/inspect/explain/accept-queue.ts'
import { connection } from '../../support/records.ts'

const left = { state: 'close-wait', inode: 0 } as const

describe('isUnaccepted', () => {
  it('is a connection that no process has', () => {
    expect(isUnaccepted(connection('127.0.0.1:80', '127.0.0.1:5000', left))).toBe(true)
    expect(isUnaccepted(connection('127.0.0.1:80', '127.0.0.1:5000', { inode: 7 }))).toBe(false)
  })

  it('is none of a source that names holders and knows no inodes', () => {
    const owners = [{ pid: 7, fd: undefined, name: 'java' }]
    const held = connection('127.0.0.1:80', '127.0.0.1:5000', { ...left, owners })
    expect(isUnaccepted(held)).toBe(false)
  })
})
