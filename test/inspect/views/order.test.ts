import { describe, expect, it } from 'vitest'
import { parseSort, sortRecords } from '../../../src/inspect/views/order.ts'
import { detailed, TCP, TCP_INFO } from '../../support/detailed-record.ts'
import { address, connection, record, socketList } from '../../support/records.ts'

function sorted(text: string, records: Parameters<typeof sortRecords>[0]): (number | undefined)[] {
  const list = socketList(records, {
    1: [{ pid: 9, fd: 1, name: 'b' }],
    2: [{ pid: 10, fd: 1, name: 'a' }],
  })
  return sortRecords(records, parseSort(text), list).map(({ inode }) => inode)
}

describe('parseSort', () => {
  it('reads columns by key or heading, and which way round', () => {
    expect(
      parseSort('-rtt,LOCAL').map(({ column, descending }) => [column.key, descending]),
    ).toEqual([
      ['rttUs', true],
      ['local', false],
    ])
  })

  it('names the nearest column', () => {
    expect(() => parseSort('-statee')).toThrow('no such column: "statee"')
    expect(() => parseSort('')).toThrow('a column is missing')
  })
})

describe('sortRecords', () => {
  it('sorts numbers as numbers, and puts what is not known last, whichever way round', () => {
    const records = [
      record({ inode: 1, receiveQueue: 9 }),
      record({ inode: 2, receiveQueue: undefined }),
      record({ inode: 3, receiveQueue: 10 }),
    ]
    expect(sorted('recv-q', records)).toEqual([1, 3, 2])
    expect(sorted('-recv-q', records)).toEqual([3, 1, 2])
  })

  it('sorts addresses as addresses', () => {
    const records = [
      connection('10.0.0.1:80', '1.1.1.1:9', { inode: 1 }),
      connection('9.0.0.1:80', '1.1.1.1:80', { inode: 2 }),
      record({ inode: 3, local: address('10.0.0.1:9') }),
    ]
    expect(sorted('local', records)).toEqual([2, 3, 1])
    expect(sorted('-peer', records)).toEqual([2, 1, 3])
  })

  it('goes on with the next column, and keeps the order of equal ones', () => {
    const records = [
      record({ inode: 1, state: 'listen', uid: 5 }),
      record({ inode: 2, state: 'established', uid: 5 }),
      record({ inode: 3, state: 'listen', uid: 4 }),
      record({ inode: 4, state: 'listen', uid: 5 }),
    ]
    expect(sorted('-state,uid', records)).toEqual([3, 1, 4, 2])
  })

  it('sorts cookies by number, processes by name, details by value', () => {
    const fast = detailed({ inode: 1, cookie: 0xffn })
    const slow = detailed({
      inode: 2,
      cookie: 0x100n,
      tcp: { ...TCP, info: { ...TCP_INFO, rttUs: 90_000 } },
    })
    expect(sorted('-cookie', [fast, slow])).toEqual([2, 1])
    expect(sorted('-rttUs', [fast, slow])).toEqual([2, 1])
    expect(sorted('owners', [fast, slow])).toEqual([2, 1])
    expect(sorted('pids', [slow, fast])).toEqual([1, 2])
  })
})
