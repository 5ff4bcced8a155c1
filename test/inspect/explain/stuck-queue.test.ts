import { describe, expect, it } from 'vitest'
import { isStuck } from '../../../src/inspect/explain/stuck-queue.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { connection } from '../../support/records.ts'

function waiting(id: number, parts: Partial<SocketRecord> = {}): SocketRecord {
  return connection('127.0.0.1:8080', `127.0.0.1:${40_000 + id}`, {
    cookie: BigInt(id),
    inode: 0,
    ...parts,
  })
}

describe('isStuck', () => {
  const queue = { count: 1, givenUp: 0, limit: 511 }

  it('is so where one that waited waits still, though its client has given up', () => {
    const later = [waiting(2), waiting(1, { state: 'close-wait' })]
    expect(isStuck(queue, [waiting(1)], later)).toBe(true)
  })

  it('is not so where others wait a moment later, however many and however full', () => {
    const looks = [1, 11].map(first => [0, 1, 2, 3, 4, 5].map(i => waiting(first + i)))
    expect(isStuck({ count: 6, givenUp: 1, limit: 5 }, ...looks)).toBe(false)
  })

  it('is not so where what waited was accepted', () => {
    expect(isStuck(queue, [waiting(1)], [waiting(1, { inode: 77 })])).toBe(false)
  })

  it.each([
    [{ count: 4, givenUp: 0, limit: 511 }, false],
    [{ count: 5, givenUp: 0, limit: 511 }, true],
    [{ count: 1, givenUp: 1, limit: 511 }, true],
    [{ count: 2, givenUp: 0, limit: 1 }, true],
    [{ count: 2, givenUp: 0, limit: undefined }, false],
  ])('is guessed by one look: %o is %s', (one, expected) => {
    expect(isStuck(one, [waiting(1)])).toBe(expected)
  })
})
