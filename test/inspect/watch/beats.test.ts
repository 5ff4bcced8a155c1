import { describe, expect, it } from 'vitest'
import { beats } from '../../../src/inspect/watch/beats.ts'

describe('beats', () => {
  it('comes once in an interval, as often as it was told to', async () => {
    const start = performance.now()
    const elapsed: number[] = []
    for await (const ms of beats({ intervalMs: 20, count: 12 }, new AbortController().signal)) {
      elapsed.push(ms)
    }
    expect(elapsed).toHaveLength(12)
    const total = elapsed.reduce((sum, ms) => sum + ms, 0)
    // A timer of Node may come a millisecond early.
    expect(total).toBeGreaterThanOrEqual(12 * 20 - 2)
    expect(total).toBeLessThanOrEqual(performance.now() - start)
  })

  it('leaves out beats that were missed', async () => {
    const elapsed: number[] = []
    for await (const ms of beats({ intervalMs: 20, count: 2 }, new AbortController().signal)) {
      elapsed.push(ms)
      const busyUntil = performance.now() + 50
      while (performance.now() < busyUntil);
    }
    expect(elapsed[1]).toBeGreaterThanOrEqual(50)
  })

  it('ends when it is told to, without an error', async () => {
    const stopping = new AbortController()
    let made = 0
    for await (const _ of beats({ intervalMs: 5 }, stopping.signal)) {
      made++
      if (made === 2) stopping.abort()
    }
    expect(made).toBe(2)
  })
})
