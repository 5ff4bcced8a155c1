import { describe, expect, it } from 'vitest'
import {
  closingPileup,
  finWait1Stuck,
  finWait2HalfClosed,
  finWait2Orphan,
  lastAckPileup,
} from '../../../src/inspect/rules/closing.ts'
import type { SocketRecord, SocketState } from '../../../src/inspect/types.ts'
import { connection } from '../../support/records.ts'
import { NGINX, NODE, situation, times } from '../../support/situation.ts'

function sockets(count: number, state: SocketState, parts: Partial<SocketRecord> = {}) {
  return times(count, i =>
    connection(`10.0.0.1:${40_000 + i}`, '10.0.0.9:80', {
      state,
      inode: 100 + i,
      cookie: BigInt(100 + i),
      ...parts,
    }),
  )
}

const timer = (
  kind: 'retransmit' | 'zero-window-probe',
  retransmits: number,
  expiresInMs = 400,
) => ({
  timer: { kind, retransmits, expiresInMs },
})

describe('finWait1Stuck', () => {
  it('finds what is sent again, and what finds no room twice or for long', () => {
    const lost = sockets(1, 'fin-wait-1', timer('retransmit', 3))
    expect(finWait1Stuck.check(situation({ records: lost }))).toHaveLength(1)
    const full = sockets(1, 'fin-wait-1', timer('zero-window-probe', 0))
    expect(finWait1Stuck.check(situation({ records: full }, { records: full }))).toHaveLength(1)
    const pausing = sockets(1, 'fin-wait-1', timer('zero-window-probe', 0, 5000))
    expect(finWait1Stuck.check(situation({ records: pausing }))).toHaveLength(1)
  })

  it('is silent about a close that is under way', () => {
    for (const parts of [timer('retransmit', 1), timer('zero-window-probe', 0), {}]) {
      const records = sockets(1, 'fin-wait-1', parts)
      expect(finWait1Stuck.check(situation({ records }))).toEqual([])
    }
  })
})

describe('finWait2Orphan', () => {
  it('counts those that nobody holds, and names a peer on this machine', () => {
    const records = [
      ...sockets(1000, 'fin-wait-2', { inode: 0 }),
      connection('10.0.0.9:80', '10.0.0.1:40005', { state: 'close-wait', inode: 7 }),
    ]
    const [found] = finWait2Orphan.check(situation({ records, owners: { 7: [NGINX] } }))
    expect(found?.advice[0]?.text).toBe(
      'The other end is on this machine: nginx (pid 800) does not close.',
    )
    expect(finWait2Orphan.check(situation({ records: records.slice(1) }))).toEqual([])
    expect(finWait2Orphan.check(situation({ records: sockets(1000, 'fin-wait-2') }))).toEqual([])
  })
})

describe('finWait2HalfClosed', () => {
  it('counts those of one process', () => {
    const records = sockets(25, 'fin-wait-2')
    const owners = Object.fromEntries(records.map(({ inode }) => [inode, [NODE]]))
    expect(finWait2HalfClosed.check(situation({ records, owners }))).toHaveLength(1)
    const half = Object.fromEntries(
      records.map(({ inode }) => [inode, [inode % 2 === 0 ? NODE : NGINX]]),
    )
    expect(finWait2HalfClosed.check(situation({ records, owners: half }))).toEqual([])
  })
})

describe('lastAckPileup', () => {
  it('notes those that repeat, warns of a hundred, and is silent about a few', () => {
    const repeating = sockets(2, 'last-ack', timer('retransmit', 2))
    expect(lastAckPileup.check(situation({ records: repeating }))[0]?.severity).toBe('note')
    const many = sockets(100, 'last-ack')
    expect(lastAckPileup.check(situation({ records: many }))[0]?.severity).toBe('warning')
    expect(lastAckPileup.check(situation({ records: many.slice(1) }))).toEqual([])
  })
})

describe('closingPileup', () => {
  it('takes fifty', () => {
    const records = sockets(50, 'closing')
    expect(closingPileup.check(situation({ records }))).toHaveLength(1)
    expect(closingPileup.check(situation({ records: records.slice(1) }))).toEqual([])
  })
})
