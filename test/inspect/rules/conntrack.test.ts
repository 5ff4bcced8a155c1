import { describe, expect, it } from 'vitest'
import { conntrackFull } from '../../../src/inspect/rules/conntrack.ts'
import { situation } from '../../support/situation.ts'

describe('conntrackFull', () => {
  it.each([
    [79, []],
    [80, ['warning']],
    [95, ['problem']],
  ])('weighs %d of a hundred', (count, severities) => {
    const settings = {
      'net/netfilter/nf_conntrack_count': `${count}`,
      'net/netfilter/nf_conntrack_max': '100',
    }
    const found = conntrackFull.check(situation({ settings }))
    expect(found.map(({ severity }) => severity)).toEqual(severities)
  })
})
