import { describe, expect, it } from 'vitest'
import { manyOrphans, tcpPressure } from '../../../src/inspect/rules/memory.ts'
import { situation } from '../../support/situation.ts'

describe('tcpPressure', () => {
  const settings = { 'net/ipv4/tcp_mem': '100 200 300' }

  it.each([
    [199, []],
    [200, ['warning']],
    [300, ['problem']],
  ])('weighs %d pages', (pages, severities) => {
    const found = tcpPressure.check(situation({ settings, counters: { SockstatTCPMem: pages } }))
    expect(found.map(({ severity }) => severity)).toEqual(severities)
  })

  it('is a problem when connections were reset for it', () => {
    const counters = { TcpExtTCPAbortOnMemory: 2 }
    const [found] = tcpPressure.check(situation({ counters }, {}))
    expect(found?.severity).toBe('problem')
    expect(found?.evidence).toContain('2 connections reset for it just now')
  })
})

describe('manyOrphans', () => {
  const settings = { 'net/ipv4/tcp_max_orphans': '4096' }

  it.each([
    [999, []],
    [1000, ['note']],
    [3277, ['problem']],
  ])('weighs %d', (orphans, severities) => {
    const found = manyOrphans.check(
      situation({ settings, counters: { SockstatTCPOrphan: orphans } }),
    )
    expect(found.map(({ severity }) => severity)).toEqual(severities)
  })
})
