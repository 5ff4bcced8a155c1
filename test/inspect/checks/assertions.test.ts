import { describe, expect, it } from 'vitest'
import {
  type Assertions,
  checkAssertions,
  type Found,
} from '../../../src/inspect/checks/assertions.ts'

const NOTHING: Assertions = { none: false, some: false, max: undefined }

function found(count: number, perhapsMore = 0): Found {
  return {
    count,
    perhapsMore,
    unseen: { why: 'denied', details: ['2 hidden owners (root 2) may be what was asked for'] },
    what: { one: 'socket in state close-wait', many: 'sockets in state close-wait' },
    examples: ['tcp CLOSE-WAIT 127.0.0.1:1 > 127.0.0.1:2'],
  }
}

describe('checkAssertions', () => {
  it.each<[string, Partial<Assertions>, number, number, boolean | 'untold']>([
    ['none, and there is none', { none: true }, 0, 0, true],
    ['none, and there is one', { none: true }, 1, 0, false],
    ['none, and there may be one', { none: true }, 0, 1, 'untold'],
    ['none, and there is one beside hidden ones', { none: true }, 1, 5, false],
    ['some, and there is one', { some: true }, 1, 0, true],
    ['some, and there is none', { some: true }, 0, 0, false],
    ['some, and there may be one', { some: true }, 0, 1, 'untold'],
    ['some, and there is one beside hidden ones', { some: true }, 1, 5, true],
    ['3 at most, and there are 3', { max: 3 }, 3, 0, true],
    ['3 at most, and there are 4', { max: 3 }, 4, 0, false],
    ['3 at most, and there may be 4', { max: 3 }, 2, 2, 'untold'],
    ['3 at most, and there cannot be 4', { max: 3 }, 2, 1, true],
    ['3 at most, and nobody can tell', { max: 3 }, 0, Number.POSITIVE_INFINITY, 'untold'],
    ['none at most', { max: 0 }, 1, 0, false],
  ])('wants %s', (_, assertions, count, perhapsMore, expected) => {
    const [result, ...others] = checkAssertions(
      { ...NOTHING, ...assertions },
      found(count, perhapsMore),
    )
    expect(others).toEqual([])
    expect(result?.unseen === undefined ? result?.ok : 'untold').toBe(expected)
    if (result?.unseen !== undefined) expect(result.ok).toBe(false)
  })

  it('says how many, of what, how many were wanted, and which', () => {
    expect(checkAssertions({ ...NOTHING, max: 2 }, found(3))).toEqual([
      {
        name: 'assert.max',
        subject: 'sockets in state close-wait',
        ok: false,
        severity: 'problem',
        message: '3 sockets in state close-wait, wanted 2 at most',
        details: ['tcp CLOSE-WAIT 127.0.0.1:1 > 127.0.0.1:2'],
      },
    ])
  })

  it('answers each assertion by itself', () => {
    const results = checkAssertions({ none: false, some: true, max: 2 }, found(3))
    expect(results.map(({ name, ok }) => [name, ok])).toEqual([
      ['assert.fail-if-none', true],
      ['assert.max', false],
    ])
  })
})
