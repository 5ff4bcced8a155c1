import { describe, expect, it } from 'vitest'
import { boundInactive } from '../../../src/inspect/rules/bound-inactive.ts'
import { record } from '../../support/records.ts'
import { NODE, situation, times } from '../../support/situation.ts'

describe('boundInactive', () => {
  const records = times(5, i =>
    record({ state: 'bound-inactive', inode: 10 + i, cookie: BigInt(i) }),
  )
  const owners = Object.fromEntries(records.map(({ inode }) => [inode, [NODE]]))

  it('gives one finding for a process', () => {
    const found = boundInactive.check(situation({ records, owners }))
    expect(found.map(({ summary }) => summary)).toEqual([
      'node (pid 4711) holds 127.0.0.1:8080, 127.0.0.1:8080, 127.0.0.1:8080 and 2 more without listening or connecting',
    ])
  })

  it('is silent about one that is on its way to listen', () => {
    expect(boundInactive.check(situation({ records, owners }, {}))).toEqual([])
    expect(boundInactive.check(situation({ records, owners }, { records, owners }))).toHaveLength(1)
  })
})
