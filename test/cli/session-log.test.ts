import { describe, expect, it } from 'vitest'
import { jsonLog } from '../../src/cli/session-log.ts'
import { fakeContext } from '../support/context.ts'

describe('jsonLog', () => {
  it('brings what a peer has said through whole, and harmless to a terminal', () => {
    const text = 'asks for tcp://\x1b[2J\x9b2J\u202e\u{e0041}\ud800:80'
    const { stdout, now } = fakeContext()
    jsonLog(stdout, now)({ event: 'note', id: 1, text })
    expect(stdout.text).toMatch(/^[\n -~]*$/)
    expect(JSON.parse(stdout.text)).toEqual({
      event: 'note',
      time: '2026-01-02T03:04:05.678Z',
      id: 1,
      text,
    })
  })
})
