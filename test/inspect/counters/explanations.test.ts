import { describe, expect, it } from 'vitest'
import { COUNTER_GROUPS } from '../../../src/inspect/counters/explanations.ts'
import { readCounters } from '../../../src/inspect/counters/read.ts'

const explained = COUNTER_GROUPS.flatMap(({ counters }) => Object.entries(counters))

describe('COUNTER_GROUPS', () => {
  it('explains each counter once, in one line', () => {
    const names = explained.map(([name]) => name)
    expect([...new Set(names)]).toEqual(names)
    expect(explained.filter(([, text]) => text.length > 80 || /[\n.]$/.test(text))).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('knows no name that the kernel does not', () => {
    // A kernel has these only when they are built in, or are younger than it is.
    const optional = /PAWS|TCPAO|Conntrack|6|TimeoutRehash|ReqQFull/
    const there = new Set(readCounters({ now: () => new Date() }).counters.map(one => one.name))
    const missing = explained.filter(([name]) => !there.has(name) && !optional.test(name))
    expect(missing).toEqual([])
  })
})
