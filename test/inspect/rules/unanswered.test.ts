import { describe, expect, it } from 'vitest'
import { keepaliveFailing, lossy, retransmitting } from '../../../src/inspect/rules/unanswered.ts'
import type { SocketRecord, SocketTimer } from '../../../src/inspect/types.ts'
import { connection } from '../../support/records.ts'
import { NODE, situation, tcp } from '../../support/situation.ts'

const one = (parts: Partial<SocketRecord>) => ({
  records: [connection('10.0.0.1:40000', '10.0.0.9:443', { inode: 7, ...parts })],
  owners: { 7: [NODE] },
})

const timer = (kind: SocketTimer['kind'], retransmits: number) => ({
  timer: { kind, retransmits, expiresInMs: 6400 },
})

describe('retransmitting', () => {
  it.each([
    [1, []],
    [2, ['warning']],
    [4, ['warning']],
    [5, ['problem']],
  ])('weighs %d retransmissions', (retransmits, severities) => {
    const found = retransmitting.check(situation(one(timer('retransmit', retransmits))))
    expect(found.map(({ severity }) => severity)).toEqual(severities)
  })

  it('says when the next try is, and what shows a black hole for large packets', () => {
    const sizes = tcp({ pmtuBytes: 1500, sndMssBytes: 1448 })
    const [found] = retransmitting.check(
      situation(one({ ...timer('retransmit', 5), sendQueue: 1448, ...sizes })),
    )
    expect(found?.summary).toBe(
      '10.0.0.9 no longer acknowledges what node (pid 4711) sends on 1 connection',
    )
    expect(found?.evidence).toEqual([
      '10.0.0.1:40000 -> 10.0.0.9:443  sent again 5 times, next in 6.4 s, 1,448 bytes wait',
      'packets of 1500 bytes, 1448 of data',
    ])
  })
})

describe('keepaliveFailing', () => {
  it('takes one unanswered probe', () => {
    const settings = { 'net/ipv4/tcp_keepalive_probes': '9' }
    const [found] = keepaliveFailing.check(situation({ ...one(timer('keepalive', 2)), settings }))
    expect(found?.evidence[0]).toContain('2 probes unanswered (9 by default are the limit)')
    expect(keepaliveFailing.check(situation(one(timer('keepalive', 0))))).toEqual([])
    expect(keepaliveFailing.check(situation(one(timer('retransmit', 2))))).toEqual([])
  })
})

describe('lossy', () => {
  const sent = (bytesRetrans: number, bytesSent = 10_000_000, dsackDups = 0) =>
    one(tcp({ bytesRetrans, bytesSent, dsackDups, totalRetrans: 10 }))

  it.each([
    [99_999, []],
    [100_000, ['note']],
    [500_000, ['warning']],
  ])('weighs %d of ten million bytes', (bytes, severities) => {
    expect(lossy.check(situation(sent(bytes))).map(({ severity }) => severity)).toEqual(severities)
  })

  it('is silent about connections that have sent little', () => {
    expect(lossy.check(situation(sent(90_000, 900_000)))).toEqual([])
    expect(lossy.check(situation(one({})))).toEqual([])
  })

  it('tells late packets from lost ones', () => {
    const [found] = lossy.check(situation(sent(600_000, 10_000_000, 9)))
    expect(found?.evidence).toContain('on 1 of them packets were late, not lost (DSACK)')
  })
})
