import { describe, expect, it } from 'vitest'
import type { SocketState } from '../../../src/inspect/types.ts'
import { sparkline, Trends } from '../../../src/inspect/watch/trends.ts'
import { watched } from '../../support/watched.ts'

const inStates = (...states: SocketState[]) => states.map(state => watched({ state }))

describe('sparkline', () => {
  it.each([
    [[0, 1, 2, 3, 4, 5, 6, 7], 8, '▁▂▃▄▅▆▇█'],
    [[10_000, 10_001], 8, '▁█'],
    [[5, 5, 5], 8, '▁▁▁'],
    [[9, 9, 0, 7], 2, '▁█'],
    [[], 8, ''],
  ])('draws %j in %i as %s', (counts, width, bars) => {
    expect(sparkline(counts, width)).toBe(bars)
  })
})

describe('Trends', () => {
  it('has what there is of each state, the most first, from the first look on', () => {
    const trends = new Trends()
    trends.add(inStates('listen'))
    trends.add(inStates('listen', 'established', 'established'))
    expect(trends.all).toEqual([
      { state: 'established', counts: [0, 2] },
      { state: 'listen', counts: [1, 1] },
    ])
  })

  it('forgets a state that there was none of for as long as it remembers', () => {
    const trends = new Trends()
    trends.add(inStates('syn-sent'))
    for (let i = 0; i < 59; i++) trends.add([])
    expect(trends.all).toHaveLength(1)
    expect(trends.all[0]?.counts).toHaveLength(60)
    trends.add([])
    expect(trends.all).toEqual([])
  })
})
