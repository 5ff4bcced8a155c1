import { describe, expect, it } from 'vitest'
import { Health } from '../../../src/handlers/forward/health.ts'
import { Targets } from '../../../src/handlers/forward/targets.ts'
import { within } from '../../support/deadline.ts'
import { tcpEndpoint } from '../../support/serve-session.ts'

describe('Health', () => {
  it('calls off what it asks when it ends, and says nothing more', async () => {
    const { all } = new Targets([tcpEndpoint(1)])
    const said: string[] = []
    const signals: AbortSignal[] = []
    const end = new Health(60_000).watch(all, {
      dial: (_, { signal } = {}) =>
        new Promise((_resolve, reject) => {
          if (signal === undefined) return
          signals.push(signal)
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      notice: text => said.push(text),
    })
    const [signal] = signals
    const aborted = new Promise(resolve => signal?.addEventListener('abort', resolve))
    end()
    await within(1000, 'the abort', aborted)
    expect(said).toEqual([])
    expect(all[0]?.isOut).toBe(false)
  })
})
