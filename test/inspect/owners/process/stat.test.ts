import { describe, expect, it } from 'vitest'
import { parseStat, readStat } from '../../../../src/inspect/owners/process/stat.ts'

describe('parseStat', () => {
  it.each([
    ['x) R 1 (y', 'x) R 1 (y'],
    ['a b\n', 'a b\n'],
    ['', ''],
  ])('takes the name %j as it is', (name, expected) => {
    const stat = parseStat(`7 (${name}) T 6 5 4 34816 7 0 0 0 0 0 1 2 0 0 20 0 9 0 123456 789`)
    expect(stat).toEqual({
      name: expected,
      state: 'stopped',
      parent: 6,
      group: 5,
      session: 4,
      terminal: 34816,
      threads: 9,
      startTicks: 123_456,
    })
  })

  it.skipIf(process.platform !== 'linux')('tells of this process what Node tells', () => {
    expect(readStat('/proc/self')).toMatchObject({ parent: process.ppid, state: 'running' })
  })
})
