import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../../src/cli/color.ts'
import { changesHeader, changesView, countersView } from '../../../src/inspect/views/counters.ts'

const udp = { name: 'UdpNoPorts', value: 8n, kind: 'total', group: 'UDP', text: 'nobody' } as const
const rest = {
  name: 'SockstatTCPTw',
  value: 2n,
  kind: 'level',
  group: 'Now',
  text: 'rest',
} as const

describe('countersView', () => {
  it('has a heading for each group, unless they are left out', () => {
    const counters = [udp, { ...rest, limit: 9n }]
    expect([...countersView(counters, { header: true, paint: PLAIN })].join('')).toBe(
      'UDP\n  UdpNoPorts          8  nobody\n\nNOW\n  SockstatTCPTw  2 of 9  rest\n',
    )
    expect([...countersView(counters, { header: false, paint: PLAIN })].join('')).toBe(
      '  UdpNoPorts          8  nobody\n  SockstatTCPTw  2 of 9  rest\n',
    )
  })

  it('lets a name of the kernel do nothing to the terminal', () => {
    const hostile = { ...udp, name: 'Udp\u001b[2J' }
    expect([...countersView([hostile], { header: false, paint: PLAIN })].join('')).toContain(
      'Udp\\x1b[2J',
    )
  })
})

describe('changesView', () => {
  it('has a line for each change; only what grows has a rate', () => {
    const changes = [
      { ...udp, change: 5n, perSecond: 2.5 },
      { ...rest, change: -3n, perSecond: -1.5 },
      { ...udp, change: 123_456n, perSecond: 61_728 },
    ]
    const takenAt = new Date(2026, 0, 2, 3, 4, 5)
    const lines = [...changesView(changes, { takenAt, paint: PLAIN })]
    expect(`${changesHeader({ paint: PLAIN })}${lines.join('')}`.split('\n')).toEqual([
      'TIME           CHANGE   PER SECOND              NOW  COUNTER',
      '03:04:05           +5          2.5                8  UdpNoPorts                     nobody',
      '03:04:05           -3                             2  SockstatTCPTw                  rest',
      '03:04:05      +123456        61728                8  UdpNoPorts                     nobody',
      '',
    ])
  })
})
