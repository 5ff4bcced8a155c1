import { describe, expect, it } from 'vitest'
import { changesBetween, selectCounters } from '../../../src/inspect/counters/select.ts'
import type { Counter, CounterReading } from '../../../src/inspect/counters/types.ts'

function reading(values: Readonly<Record<string, bigint>>): CounterReading {
  const counters = Object.entries(values).map(([name, value]): Counter => {
    return { name, value, kind: name.startsWith('Sockstat') ? 'level' : 'total' }
  })
  return { takenAt: new Date(0), host: 'here', counters, warnings: [] }
}

const here = reading({
  UdpNoPorts: 3n,
  TcpExtListenDrops: 0n,
  TcpExtListenOverflows: 2n,
  IcmpInMsgs: 9n,
  IcmpOutMsgs: 0n,
})

function names(all: boolean, ...words: string[]): string[] {
  return selectCounters(here, { all, words }).counters.map(({ name }) => name)
}

describe('selectCounters', () => {
  it('has what is explained and not zero, in the order of the groups', () => {
    expect(names(false)).toEqual(['TcpExtListenOverflows', 'UdpNoPorts'])
    expect(selectCounters(here, { all: false, words: [] }).zero).toBe(1)
  })

  it('has the rest with all, those without an explanation last', () => {
    const all = ['TcpExtListenOverflows', 'TcpExtListenDrops', 'UdpNoPorts']
    expect(names(true)).toEqual([...all, 'IcmpInMsgs', 'IcmpOutMsgs'])
  })

  it.each([
    ['listenover', ['TcpExtListenOverflows']],
    ['LISTENERS', ['TcpExtListenOverflows']],
    ['Icmp', ['IcmpInMsgs']],
    ['Udp*', ['UdpNoPorts']],
    ['Icmp?nMsgs', ['IcmpInMsgs']],
    ['*Ports*', ['UdpNoPorts']],
    ['Ports*', []],
    ['a.c(', []],
  ])('finds %s', (word, expected) => {
    expect(names(false, word)).toEqual(expected)
  })
})

describe('changesBetween', () => {
  const options = { all: false, words: [], elapsedMs: 500 }

  it('has what moved, by how much, and how fast', () => {
    const after = reading({ UdpNoPorts: 8n, TcpExtListenOverflows: 2n, IcmpInMsgs: 10n })
    expect(changesBetween(here, after, options)).toMatchObject([
      { name: 'UdpNoPorts', value: 8n, change: 5n, perSecond: 10 },
    ])
    expect(changesBetween(here, after, { ...options, words: ['icmp'] })).toMatchObject([
      { name: 'IcmpInMsgs', change: 1n },
    ])
  })

  it('lets levels fall, also to zero, and totals of 32 bits start again', () => {
    const before = reading({ SockstatTCPTw: 7n, SoftnetProcessed: 2n ** 32n - 2n })
    const after = reading({ SockstatTCPTw: 0n, SoftnetProcessed: 3n })
    expect(changesBetween(before, after, options)).toMatchObject([
      { name: 'SockstatTCPTw', change: -7n },
      { name: 'SoftnetProcessed', change: 5n },
    ])
  })
})
