import { describe, expect, it } from 'vitest'
import { ephemeralExhausted } from '../../../src/inspect/rules/ephemeral-ports.ts'
import { timeWaitOverflow, timeWaitPileup } from '../../../src/inspect/rules/time-wait.ts'
import { address, connection, record } from '../../support/records.ts'
import { situation, times } from '../../support/situation.ts'

const settings = { 'net/ipv4/ip_local_port_range': '40000 40099' }

/** Connections of a client that has closed first. */
function outgoing(count: number) {
  return times(count, i =>
    connection(`10.0.0.1:${40_000 + i}`, '10.0.0.9:5432', { state: 'time-wait', inode: 0 }),
  )
}

describe('timeWaitPileup', () => {
  it('notes half of the range, and leaves the rest to the rule for a full one', () => {
    const half = situation({ records: outgoing(50), settings })
    expect(timeWaitPileup.check(half)).toHaveLength(1)
    expect(timeWaitPileup.check(situation({ records: outgoing(49), settings }))).toEqual([])
    const full = situation({ records: outgoing(90), settings })
    expect(timeWaitPileup.check(full)).toEqual([])
    expect(ephemeralExhausted.check(full)).toHaveLength(1)
  })

  it('is silent about any number of them at a server', () => {
    const records = [
      record({ inode: 1, local: address('10.0.0.1:80') }),
      ...times(5000, i =>
        connection('10.0.0.1:80', `10.0.0.9:${1000 + i}`, { state: 'time-wait', inode: 0 }),
      ),
    ]
    expect(timeWaitPileup.check(situation({ records, settings }))).toEqual([])
  })
})

describe('timeWaitOverflow', () => {
  const limit = { 'net/ipv4/tcp_max_tw_buckets': '100' }

  it('finds the limit near, and TIME_WAITs that were left out', () => {
    expect(
      timeWaitOverflow.check(situation({ records: outgoing(90), settings: limit })),
    ).toHaveLength(1)
    expect(timeWaitOverflow.check(situation({ records: outgoing(89), settings: limit }))).toEqual(
      [],
    )
    const counters = { TcpExtTCPTimeWaitOverflow: 5 }
    const [found] = timeWaitOverflow.check(situation({ counters, settings: limit }, {}))
    expect(found?.summary).toMatch(/left out 5 TIME_WAITs just now/)
    expect(timeWaitOverflow.check(situation({ counters, settings: limit }, { counters }))).toEqual(
      [],
    )
  })
})
