import { describe, expect, it } from 'vitest'
import { loadPaint, PLAIN } from '../../../src/cli/color.ts'
import { countStates, summaryView } from '../../../src/inspect/views/summary.ts'
import { connection, record, unixSocket } from '../../support/records.ts'

const records = [
  record(),
  record(),
  connection('[::1]:80', '[::1]:4000'),
  connection('[::1]:80', '[::1]:4001'),
  record({ protocol: 'udp', state: 'unconnected' }),
  unixSocket('/run/s'),
]

describe('countStates', () => {
  it('counts by protocol, family and state', () => {
    expect(countStates(records)).toEqual([
      { protocol: 'tcp', family: 'ipv4', state: 'listen', count: 2 },
      { protocol: 'tcp', family: 'ipv6', state: 'established', count: 2 },
      { protocol: 'udp', family: 'ipv4', state: 'unconnected', count: 1 },
      { protocol: 'unix', family: 'unix', state: 'established', count: 1 },
    ])
  })
})

describe('summaryView', () => {
  it('has a row for each state and a column for each kind that occurs', async () => {
    const text = await summaryView(countStates(records), { header: true, paint: PLAIN })
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      STATE        TCP/IPV4  TCP/IPV6  UDP/IPV4  UNIX  TOTAL
      established         0         2         0     1      3
      unconnected         0         0         1     0      1
      listen              2         0         0     0      2
      total               2         2         1     1      6
      "
    `)
  })

  it('has a column for every protocol', async () => {
    const inet = ['mptcp', 'udplite', 'raw'] as const
    const others = ['packet', 'netlink', 'vsock'] as const
    const all = [
      ...inet.map(protocol => record({ protocol })),
      ...others.map(family => record({ protocol: family, family })),
    ]
    const text = await summaryView(countStates(all), { header: true, paint: PLAIN })
    expect(text.split('\n')[0]).toBe(
      'STATE   MPTCP/IPV4  UDPLITE/IPV4  RAW/IPV4  PACKET  NETLINK  VSOCK  TOTAL',
    )
    expect(text).toMatch(/total +1 +1 +1 +1 +1 +1 +6\n$/)
  })

  it('has a total when there is nothing', async () => {
    const text = await summaryView([], { header: true, paint: PLAIN })
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      STATE  TOTAL
      total      0
      "
    `)
  })

  it('colours only what it is told to', async () => {
    const counts = countStates(records)
    const text = await summaryView(counts, { header: false, paint: await loadPaint(true) })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is looked at
    expect(new Set(text.match(/\x1b\[\d+m/g))).toEqual(new Set(['\x1b[2m', '\x1b[22m']))
  })
})
