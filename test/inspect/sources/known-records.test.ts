import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tcpDump } from '../../../src/inspect/sources/inet-diag.ts'
import { KnownRecords, KnownTables } from '../../../src/inspect/sources/known-records.ts'
import { dump } from '../../../src/inspect/sources/netlink.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { inetEntry } from '../../support/inet-entry.ts'
import { done, error, message, type Received, ScriptedKernel } from '../../support/netlink.ts'
import { plainRecord } from '../../support/plain-snapshot.ts'

const states = new Set(['established'] as const)

/** One socket at one moment: its cookie, and the unread bytes by which the moments differ. */
type Moment = readonly [cookie: bigint, receiveQueue: number]

const entryOf = ([cookie, queue]: Moment): Buffer => inetEntry(cookie, { 56: [queue, 0, 0, 0] })
const answerOf = (moments: readonly Moment[]): Received[] => [...moments.map(entryOf), done()]

function look(known: KnownRecords | undefined, ...answers: Received[][]): readonly SocketRecord[] {
  return dump(new ScriptedKernel(...answers), tcpDump(states, { known })).items
}

const momentsOf = (records: readonly SocketRecord[]): Moment[] =>
  records.map(({ cookie, receiveQueue }) => [cookie ?? 0n, receiveQueue ?? 0])

// The bytes below are those of a little-endian machine.
describe.skipIf(new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)('KnownRecords', () => {
  it('keeps the record of a socket that is still there, and tells what is so now', () => {
    const known = new KnownRecords()
    const [first] = look(known, answerOf([[5n, 1]]))
    const [second] = look(known, answerOf([[5n, 2]]))
    expect(second).toBe(first)
    expect(first?.receiveQueue).toBe(2)
  })

  it('makes a record for a socket that is new, and for one that was away', () => {
    const known = new KnownRecords()
    const [first] = look(known, answerOf([[5n, 1]]))
    look(known, answerOf([[6n, 1]]))
    const third = look(
      known,
      answerOf([
        [5n, 3],
        [6n, 3],
      ]),
    )
    expect(momentsOf(third)).toEqual([
      [5n, 3],
      [6n, 3],
    ])
    expect(third[0]).not.toBe(first)
  })

  it('leaves to a socket that is gone what it said last', () => {
    const known = new KnownRecords()
    const gone = look(
      known,
      answerOf([
        [5n, 1],
        [6n, 1],
      ]),
    )[0] as SocketRecord
    const last = plainRecord(gone)
    for (let turn = 2; turn < 6; turn++) {
      look(
        known,
        answerOf([
          [6n, turn],
          [7n, turn],
        ]),
      )
      expect(plainRecord(gone)).toEqual(last)
    }
  })

  it('writes into the memory of the look before the last', () => {
    const known = new KnownRecords()
    const request = tcpDump(states, { known })
    const blocks: unknown[] = []
    for (let turn = 0; turn < 4; turn++) {
      const kernel = new ScriptedKernel(answerOf([[5n, turn]]))
      dump(kernel, {
        ...request,
        nextBlock(bytes) {
          const block = request.nextBlock?.(bytes) ?? new DataView(new ArrayBuffer(bytes))
          blocks.push(block)
          return block
        },
      })
    }
    expect(blocks[2]).toBe(blocks[0])
    expect(blocks[3]).toBe(blocks[1])
    expect(blocks[1]).not.toBe(blocks[0])
  })

  it('loses nothing when a way of asking is refused before another one is taken', () => {
    const known = new KnownRecords()
    const first = look(
      known,
      answerOf([
        [5n, 1],
        [6n, 1],
      ]),
    )
    expect(() => look(known, [error(-22)])).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    )
    expect(momentsOf(first)).toEqual([
      [5n, 1],
      [6n, 1],
    ])
    const second = look(
      known,
      answerOf([
        [5n, 2],
        [6n, 2],
      ]),
    )
    expect(second[0]).toBe(first[0])
    expect(second[1]).toBe(first[1])
  })

  it('tells of any tables one behind the other what one look tells', () => {
    const cookie = fc.oneof(
      fc.bigInt(1n, 12n),
      fc.constantFrom(2n ** 64n - 1n, 2n ** 53n, 2n ** 63n),
    )
    const table = fc.array(fc.tuple(cookie, fc.nat(255)), { maxLength: 12 })
    const isRefused = fc.boolean()
    const isInterrupted = fc.boolean()
    const turn = fc.record({ table, lost: table, isRefused, isInterrupted })
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 8 }), turns => {
        const known = new KnownRecords()
        const last = new Map<SocketRecord, Moment>()
        for (const { table: moments, lost, isRefused: refuses, isInterrupted: changes } of turns) {
          if (refuses) expect(() => look(known, [error(-22)])).toThrow('EINVAL')
          const interrupted = [...lost.map(entryOf), message(3, Buffer.alloc(4), { flags: 0x10 })]
          const answers = changes ? [interrupted, answerOf(moments)] : [answerOf(moments)]
          const records = look(known, ...answers)
          expect(momentsOf(records)).toEqual(momentsOf(look(undefined, answerOf(moments))))
          // An answer that is not used may have moved those that it told of.
          if (changes)
            for (const one of [...last.keys()]) if (!records.includes(one)) last.delete(one)
          for (const [i, one] of records.entries()) last.set(one, momentsOf(records)[i] as Moment)
          for (const [one, moment] of last) expect(momentsOf([one])).toEqual([moment])
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('KnownTables', () => {
  it('knows each table by its name', () => {
    const tables = new KnownTables()
    expect(tables.of('tcp')).toBe(tables.of('tcp'))
    expect(tables.of('udp ipv4')).not.toBe(tables.of('tcp'))
  })
})
