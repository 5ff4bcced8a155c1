import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { formatTotals, showProgress } from '../../src/cli/transfer-progress.ts'
import { CapturedStream } from '../support/context.ts'

const MIB = 1024 ** 2

describe('showProgress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('says nothing about what is over within a second', () => {
    const terminal = new CapturedStream(80)
    const end = showProgress(() => ({ bytesIn: 0, bytesOut: 0 }), terminal)
    vi.advanceTimersByTime(900)
    end()
    vi.advanceTimersByTime(5000)
    expect(terminal.text).toBe('')
  })

  it('keeps one line up to date, with the rate of late, and removes it', () => {
    const terminal = new CapturedStream(80)
    const counters = { bytesIn: 0, bytesOut: 0 }
    const end = showProgress(() => counters, terminal)
    counters.bytesIn = 4 * MIB
    vi.advanceTimersByTime(1000)
    counters.bytesOut = MIB
    vi.advanceTimersByTime(500)
    end()
    expect(terminal.text.split('\r').slice(1)).toEqual([
      'in 4 MiB  out 0 B  4 MiB/s  1.0 s\x1b[K',
      'in 4 MiB  out 1 MiB  2 MiB/s  1.5 s\x1b[K',
      '\x1b[K',
    ])
  })
})

describe('formatTotals', () => {
  it('gives a rate where it says something', () => {
    expect(formatTotals({ bytesIn: 12, bytesOut: 5 }, 0.4)).toBe('in 12 B  out 5 B  0.4 ms')
    expect(formatTotals({ bytesIn: 4 * MIB, bytesOut: 0 }, 2000)).toBe(
      'in 4 MiB (2 MiB/s)  out 0 B (0 B/s)  2.0 s',
    )
  })

  it('counts messages where there are some', () => {
    const traffic = { bytesIn: 5, bytesOut: 0, messagesIn: 1, messagesOut: 0 }
    expect(formatTotals(traffic, 3)).toBe('in 5 B (1 message)  out 0 B (0 messages)  3.0 ms')
    expect(formatTotals({ ...traffic, messagesIn: 2 }, 1000)).toMatch(
      /^in 5 B \(2 messages, 5 B\/s\) {2}out/,
    )
  })
})
