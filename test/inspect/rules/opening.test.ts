import { describe, expect, it } from 'vitest'
import { synRecvPileup, synSentBlocked, synSentBurst } from '../../../src/inspect/rules/opening.ts'
import { connection, record } from '../../support/records.ts'
import { NGINX, NODE, situation, times } from '../../support/situation.ts'

const asked = (retransmits: number, target = '10.0.0.9:443', inode = 7) =>
  connection('10.0.0.1:40000', target, {
    state: 'syn-sent',
    inode,
    timer: { kind: 'retransmit', retransmits, expiresInMs: 900 },
  })

describe('synSentBlocked', () => {
  it('is silent about a connect that has just begun', () => {
    expect(synSentBlocked.check(situation({ records: [asked(0)] }))).toEqual([])
  })

  it('gives one finding for each target, with commands that name it', () => {
    const records = [asked(1), asked(3), asked(1, '[2001:db8::1]:25', 8)]
    const found = synSentBlocked.check(situation({ records, owners: { 7: [NODE], 8: [NODE] } }))
    expect(found.map(({ summary }) => summary)).toEqual([
      'node (pid 4711) gets no answer from 10.0.0.9:443 (2 connects)',
      'node (pid 4711) gets no answer from [2001:db8::1]:25',
    ])
    expect(found[0]?.evidence).toEqual(['SYN sent again 3 times, next in 900 ms'])
    expect(found[1]?.advice[1]?.command).toBe('sudo tcpdump -ni any host 2001:db8::1 and port 25')
  })

  it('points at a full listener on this machine', () => {
    const records = [
      record({ inode: 1, receiveQueue: 6, sendQueue: 5 }),
      connection('127.0.0.1:40000', '127.0.0.1:8080', {
        state: 'syn-sent',
        inode: 7,
        timer: { kind: 'retransmit', retransmits: 1, expiresInMs: 900 },
      }),
    ]
    const [found] = synSentBlocked.check(situation({ records, owners: { 1: [NGINX], 7: [NODE] } }))
    expect(found?.evidence[1]).toMatch(/^it is on this machine: nginx \(pid 800\) listens there/)
    expect(found?.advice[0]?.command).toBe('sockctl inspect 8080')
  })
})

describe('synSentBurst', () => {
  it('counts the connects of one process', () => {
    const records = times(50, () => asked(0))
    expect(synSentBurst.check(situation({ records, owners: { 7: [NODE] } }))).toHaveLength(1)
    const fewer = records.slice(1)
    expect(synSentBurst.check(situation({ records: fewer, owners: { 7: [NODE] } }))).toEqual([])
  })
})

describe('synRecvPileup', () => {
  const settings = { 'net/ipv4/tcp_max_syn_backlog': '40' }
  const owners = { 1: [NGINX] }
  const flood = (count: number, sources = 200) => [
    record({ inode: 1, sendQueue: 511 }),
    ...times(count, i =>
      connection('127.0.0.1:8080', `10.0.${i % sources}.1:1000`, {
        state: 'syn-recv',
        inode: 0,
        timer: { kind: 'retransmit', retransmits: i % 2 === 0 ? 3 : 0, expiresInMs: 900 },
      }),
    ),
  ]

  it('counts against the smaller limit', () => {
    const [found] = synRecvPileup.check(situation({ records: flood(20), owners, settings }))
    expect(found?.severity).toBe('warning')
    expect(found?.evidence).toEqual([
      'from 20 addresses: 10.0.0.1 (1), 10.0.1.1 (1), 10.0.2.1 (1) and 17 others',
      'there is room for 40',
      'nginx (pid 800) listens there',
      '10 were answered three times or more, in vain',
    ])
    expect(synRecvPileup.check(situation({ records: flood(19), owners, settings }))).toEqual([])
  })

  it('is a problem when cookies are sent, and tells a flood from a broken way back', () => {
    const counters = { TcpExtSyncookiesSent: 9 }
    const [found] = synRecvPileup.check(
      situation({ records: flood(30), owners, settings, counters }, {}),
    )
    expect(found?.severity).toBe('problem')
    expect(found?.advice[0]?.text).toContain('limit new connections in the firewall')
    const [one] = synRecvPileup.check(situation({ records: flood(30, 1), owners, settings }))
    expect(one?.advice[0]?.command).toBe('ip route get 10.0.0.1')
  })

  it('is silent about a few, however small the queue is', () => {
    const small = { 'net/ipv4/tcp_max_syn_backlog': '4' }
    expect(synRecvPileup.check(situation({ records: flood(7), owners, settings: small }))).toEqual(
      [],
    )
  })
})
