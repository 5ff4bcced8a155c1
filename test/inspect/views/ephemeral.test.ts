import { describe, expect, it } from 'vitest'
import type { Destination, PortRange } from '../../../src/inspect/ephemeral/types.ts'
import { ephemeralView } from '../../../src/inspect/views/ephemeral.ts'

const PLAIN = {
  bad: (text: string) => text,
  warn: (text: string) => text,
  good: (text: string) => text,
  dim: (text: string) => text,
  strong: (text: string) => text,
}

const RANGE: PortRange = {
  first: 40_000,
  last: 40_999,
  reserved: 0,
  usable: 1000,
  timeWaitSeconds: 60,
  reuse: 'none',
  reuseAfterMs: 1000,
  isAssumed: false,
}

function destination(port: number, parts: Partial<Destination> = {}): Destination {
  const counts = { used: 0, timeWait: 0, established: 0, reusable: 0, percent: 0 }
  const pace = { perSecond: 0, ceilingPerSecond: 16 }
  return {
    from: '127.0.0.1',
    host: '127.0.0.1',
    port,
    ...counts,
    ...pace,
    madeBy: [],
    hidden: [],
    ...parts,
  }
}

const text = (...destinations: Destination[]) =>
  [
    ...ephemeralView(destinations, RANGE, {
      paint: PLAIN,
      userName: uid => (uid === 0 ? 'root' : undefined),
    }),
  ].join('')

describe('ephemeralView', () => {
  const half = destination(1, { used: 500, percent: 50 })

  it('tells the fullest where nothing is wrong, and ends with what to type', () => {
    const shown = text(half, destination(2, { used: 1, percent: 0.1 }))
    expect(shown).toMatch(/^Enough client ports: most towards 127\.0\.0\.1:1, 500 of/)
    expect(shown).toMatch(/\n\nSee them: sockctl inspect state all dst 127\.0\.0\.1:1\n$/)
    expect(shown).not.toContain('Fix: ')
  })

  it('tells one that fills too fast before one that has more, and enough', () => {
    const shown = text(half, destination(2, { used: 90, percent: 9, perSecond: 30 }))
    expect(shown).toMatch(/^Will run out of client ports towards 127\.0\.0\.1:2: 30 new\/s of at /)
    expect(shown).toContain('\nFix: reuse connections')
    expect(shown).toMatch(/\nSee them: sockctl inspect state all dst 127\.0\.0\.1:2\n$/)
  })

  it('tells who made them from whom it may not see', () => {
    const hidden = [{ uid: 0, sockets: 2 }]
    expect(text(destination(1))).toContain('(none seen alive)')
    expect(text(destination(1, { hidden }))).toMatch(/ {2}\(owner hidden: uid 0 root\)\n/)
    const madeBy = [{ pid: 7, name: 'curl' }]
    expect(text(destination(1, { madeBy, hidden, timeWait: 9 }))).toMatch(
      / {2}curl \(pid 7\), \(owner hidden: uid 0 root\), closes first\n/,
    )
  })

  it('tells one that has run out before any other', () => {
    const shown = text(
      destination(1, { used: 1000, percent: 100 }),
      destination(2, { used: 90, percent: 9, perSecond: 30 }),
    )
    expect(shown).toMatch(/^Out of client ports towards 127\.0\.0\.1:1: 1,000 of 1,000 used/)
  })
})
