import { describe, expect, it } from 'vitest'
import type { TcpInfo } from '../../../src/inspect/socket-details.ts'
import { detailFacts } from '../../../src/inspect/views/detail-facts.ts'
import { detailed, TCP, TCP_INFO } from '../../support/detailed-record.ts'
import { socketList } from '../../support/records.ts'

/** What `-i` says of a connection that differs from the usual one in these fields. */
function internals(parts: Partial<TcpInfo>): string {
  const asked = { timers: false, identity: false, internals: true, memory: false }
  const info = { ...TCP_INFO, ...parts }
  const one = detailed({ tcp: { ...TCP, info } })
  return detailFacts(one, socketList([]), asked).flat().join(' · ')
}

describe('detailFacts', () => {
  it.each<[Partial<TcpInfo>, string]>([
    [{ unacked: 3 }, '3 unacknowledged'],
    [{ notsentBytes: 2048 }, '2 KiB not sent yet'],
    [{ lost: 2, congestionAvoidance: 'loss' }, '2 lost · in loss'],
    [{ retransmits: 1 }, '1 timeout in a row'],
    [{ retransmits: 4 }, '4 timeouts in a row'],
    [{ rwndLimitedUs: 0, sndbufLimitedUs: 2_000_000 }, 'limited by its send buffer 100 %'],
    [{ rwndLimitedUs: 0 }, 'limited by the application'],
    // A kernel before 4.19 does not count what it sent.
    [{ bytesSent: undefined }, ' · 3 retransmitted'],
  ])('%j: %s', (parts, expected) => {
    expect(internals(parts)).toContain(expected)
  })

  it.each<[Partial<TcpInfo>, string]>([
    [{ rttUs: 0 }, 'rtt'],
    [{ deliveryRateBytesPerSecond: 0 }, 'delivers'],
    [{ rwndLimitedUs: 10_000, isAppLimited: false }, 'limited'],
    [{ rwndLimitedUs: 0, bytesSent: 0 }, 'limited'],
    [{ totalRetrans: 0 }, 'retransmitted'],
    [{ lastDataSentMs: undefined }, 'last data'],
  ])('%j: no word of %s', (parts, unexpected) => {
    expect(internals(parts)).not.toContain(unexpected)
  })

  it('says nothing of what the kernel did not tell', () => {
    const all = { timers: true, identity: true, internals: true, memory: true }
    const unknown = detailed({
      ...{ tcp: undefined, memory: undefined, cookie: undefined, uid: undefined, inode: 0 },
      ...{ mark: undefined, cgroupId: undefined, shutdown: undefined, ip: undefined },
    })
    expect(detailFacts(unknown, socketList([]), all).flat()).toEqual([])
  })
})
