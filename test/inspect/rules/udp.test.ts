import { describe, expect, it } from 'vitest'
import { udpDrops, udpMemory, udpNoPorts } from '../../../src/inspect/rules/udp.ts'
import { record } from '../../support/records.ts'
import { NODE, situation } from '../../support/situation.ts'

const receiver = (drops: number | undefined) => ({
  records: [record({ protocol: 'udp', state: 'unconnected', inode: 7, drops, receiveQueue: 4096 })],
  owners: { 7: [NODE] },
})

describe('udpDrops', () => {
  it('names the process when its socket drops more and more', () => {
    const [found] = udpDrops.check(situation(receiver(15), receiver(10)))
    expect(found?.summary).toBe('node (pid 4711) lost 5 datagrams on 127.0.0.1:8080 just now')
    expect(found?.evidence[0]).toBe('15 lost since it was opened')
  })

  it('is silent about the past, and about a socket that was not there', () => {
    expect(udpDrops.check(situation(receiver(10), receiver(10)))).toEqual([])
    expect(udpDrops.check(situation(receiver(10)))).toEqual([])
    expect(udpDrops.check(situation(receiver(10), {}))).toEqual([])
  })

  it('counts for all where sockets do not tell', () => {
    const counters = { UdpRcvbufErrors: 3 }
    const now = { ...receiver(undefined), counters }
    expect(udpDrops.check(situation(now, receiver(undefined)))[0]?.summary).toMatch(
      /^3 datagrams were/,
    )
    expect(udpDrops.check(situation(now, now))).toEqual([])
  })
})

describe('udpNoPorts', () => {
  it('takes ten a second', () => {
    expect(udpNoPorts.check(situation({ counters: { UdpNoPorts: 10 } }, {}))).toHaveLength(1)
    expect(udpNoPorts.check(situation({ counters: { UdpNoPorts: 9 } }, {}))).toEqual([])
  })
})

describe('udpMemory', () => {
  it('finds the limit reached, or datagrams that were dropped for it', () => {
    const settings = { 'net/ipv4/udp_mem': '100 200 300' }
    expect(
      udpMemory.check(situation({ settings, counters: { SockstatUDPMem: 300 } })),
    ).toHaveLength(1)
    expect(udpMemory.check(situation({ settings, counters: { SockstatUDPMem: 299 } }))).toEqual([])
    expect(udpMemory.check(situation({ counters: { UdpMemErrors: 1 } }, {}))).toHaveLength(1)
  })
})
