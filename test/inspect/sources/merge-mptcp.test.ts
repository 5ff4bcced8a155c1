import { describe, expect, it } from 'vitest'
import { mptcpSubflows } from '../../../src/inspect/sources/merge-mptcp.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { connection } from '../../support/records.ts'

const CLIENT = '127.0.0.1:40000'
const SERVER = '127.0.0.1:80'

const mptcp: SocketRecord = connection(CLIENT, SERVER, { protocol: 'mptcp', inode: 7 })
const subflow = connection(CLIENT, SERVER, { inode: 7 })
const further = connection('127.0.0.2:40001', SERVER, { inode: 7 })
const other = connection('127.0.0.1:40002', SERVER, { inode: 8 })

describe('mptcpSubflows', () => {
  it('leaves out the TCP socket that is the connection, and keeps it for its details', () => {
    const subflows = mptcpSubflows()
    expect(subflows.merge([subflow, further, other, mptcp])).toEqual([further, other, mptcp])
    expect(subflows.of(mptcp)).toBe(subflow)
  })

  it('leaves everything where MPTCP was not asked for', () => {
    const records = [subflow, further]
    const subflows = mptcpSubflows()
    expect(subflows.merge(records)).toBe(records)
    expect(subflows.of(mptcp)).toBeUndefined()
  })

  it('tells those apart that wait to be accepted, and have no inode', () => {
    const waiting = { ...mptcp, inode: 0 }
    const itself = { ...subflow, inode: 0 }
    const plain = { ...other, inode: 0 }
    expect(mptcpSubflows().merge([itself, plain, waiting])).toEqual([plain, waiting])
  })
})
