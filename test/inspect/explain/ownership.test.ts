import { describe, expect, it } from 'vitest'
import { ownershipIn } from '../../../src/inspect/explain/ownership.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { address, connection, record, snapshot, unixSocket } from '../../support/records.ts'

const node = { pid: 4711, fd: 21, name: 'node' }
const ALICE = 1000
const KERNEL_END = { local: { family: 'netlink', protocol: 0, port: 0 } } as const

/** What is said of the first record, among all of them. */
function ownership(records: readonly SocketRecord[], viewerUid: number | undefined = ALICE) {
  return ownershipIn(snapshot(records, { 1000: [node] }), viewerUid)(records[0] as SocketRecord)
}

describe('ownershipIn', () => {
  it('names every holder', () => {
    expect(ownership([record()])).toEqual({ kind: 'held', owners: [node] })
  })

  it.each<[string, Partial<SocketRecord>, number | undefined, object]>([
    ['another user', { inode: 7, uid: 33 }, ALICE, { kind: 'hidden', uid: 33 }],
    ['a user nobody knows', { inode: 7, uid: undefined }, ALICE, { kind: 'hidden' }],
    ['a system without uids', { inode: 7 }, undefined, { kind: 'hidden', uid: 0 }],
    ['oneself, and not found', { inode: 7, uid: ALICE }, ALICE, { kind: 'unseen' }],
    ['anybody, where root may not look', { inode: 7, uid: 33 }, 0, { kind: 'hidden', uid: 33 }],
    ['nobody in TIME_WAIT', { inode: 0, state: 'time-wait' }, ALICE, { kind: 'kernel' }],
    [
      'the kernel itself',
      { inode: 7, uid: undefined, ...KERNEL_END, state: 'unconnected' },
      ALICE,
      { kind: 'kernel' },
    ],
    ['nobody in SYN_RECV', { inode: 0, state: 'syn-recv' }, ALICE, { kind: 'kernel' }],
    ['nobody in FIN_WAIT_2', { inode: 0, state: 'fin-wait-2' }, ALICE, { kind: 'orphan' }],
    ['nobody in LAST_ACK', { inode: 0, state: 'last-ack' }, ALICE, { kind: 'orphan' }],
    ['nobody, established', { inode: 0, state: 'established' }, ALICE, { kind: 'orphan' }],
  ])('made by %s', (_, parts, viewerUid, expected) => {
    expect(ownership([record(parts)], viewerUid)).toEqual(expected)
  })

  it('tells the unit in which a socket was made whose holder is hidden', () => {
    const seen = snapshot([record({ inode: 7, uid: 33, cgroupId: 99 })], {})
    const unitOf = (one: SocketRecord) => (one.cgroupId === 99 ? 'nginx.service' : undefined)
    const hidden = ownershipIn(seen, ALICE, unitOf)(seen.records[0] as SocketRecord)
    expect(hidden).toEqual({ kind: 'hidden', uid: 33, unit: 'nginx.service' })
  })

  it('knows that nobody is hidden when every process could be looked into', () => {
    const seen = { ...snapshot([record({ inode: 7, uid: 33 })], {}), warnings: [] }
    expect(ownershipIn(seen, ALICE)(seen.records[0] as SocketRecord)).toEqual({ kind: 'unseen' })
  })

  it('believes a source that tells holders itself, and claims nothing where it does not', () => {
    const held = record({ inode: 0, uid: undefined, owners: [{ ...node, fd: undefined }] })
    const other = record({ inode: 0, uid: undefined, owners: [], state: 'established' })
    const resting = record({ inode: 0, uid: undefined, owners: [], state: 'time-wait' })
    const taken = { ...snapshot([held, other, resting]), source: 'netstat' } as const
    expect([held, other, resting].map(ownershipIn(taken, ALICE))).toEqual([
      { kind: 'held', owners: [{ ...node, fd: undefined }] },
      { kind: 'hidden', uid: undefined },
      { kind: 'kernel' },
    ])
  })

  describe('a connection without an inode beside a listener on its port', () => {
    const waiting = connection('127.0.0.1:8080', '127.0.0.1:40000', { inode: 0 })
    const held = { kind: 'held', owners: [node] }

    it.each<[string, SocketRecord, SocketRecord]>([
      ['the same address', waiting, record()],
      ['every address', waiting, record({ local: address('0.0.0.0:8080') })],
      ['every IPv6 address', waiting, record({ local: address('[::]:8080') })],
      [
        'every address, from IPv4',
        connection('[::ffff:127.0.0.1]:8080', '[::ffff:127.0.0.1]:40000', { inode: 0 }),
        record({ local: address('[::]:8080') }),
      ],
      ['the address, after FIN', { ...waiting, state: 'close-wait' }, record()],
      [
        'the same path',
        unixSocket('/run/s', { inode: 0 }),
        unixSocket('/run/s', { state: 'listen' }),
      ],
    ])('waits for the listener on %s', (_, one, listener) => {
      expect(ownership([one, listener])).toEqual({ kind: 'unaccepted', listener: held })
    })

    it('waits for the listener of its own address rather than for that of every address', () => {
      const every = record({ inode: 7, local: address('0.0.0.0:8080') })
      expect(ownership([waiting, every, record()])).toEqual({ kind: 'unaccepted', listener: held })
    })

    it('says when the listener is hidden', () => {
      expect(ownership([waiting, record({ inode: 7, uid: 33 })])).toEqual({
        kind: 'unaccepted',
        listener: { kind: 'hidden', uid: 33 },
      })
    })

    it.each<[string, SocketRecord]>([
      ['another port', record({ local: address('127.0.0.1:8081') })],
      ['another address', record({ local: address('192.0.2.1:8080') })],
      ['UDP', record({ protocol: 'udp', state: 'unconnected' })],
    ])('is an orphan when the listener is on %s', (_, listener) => {
      expect(ownership([waiting, listener])).toEqual({ kind: 'orphan' })
    })
  })
})
