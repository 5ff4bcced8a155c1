import { describe, expect, it } from 'vitest'
import { countKernelDrops, sumDrops } from '../../src/datagram/kernel-drops.ts'

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  257: 0100007F:9C40 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41001 2 0000000000000000 7
  258: 00000000:9C41 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 41002 2 0000000000000000 30
12345: 0100007F:9C42 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 41003 2 0000000000000000 200
`

describe('sumDrops', () => {
  it.each([
    [[], 0],
    [['41001'], 7],
    [['41001', '41003'], 207],
    [['2', '7', '0'], 0],
  ])('adds up the drops of the sockets %j', (inodes, expected) => {
    expect(sumDrops(TABLE, new Set(inodes))).toBe(expected)
  })

  it('finds none in an empty table', () => {
    expect(sumDrops('', new Set(['41001']))).toBe(0)
  })
})

describe('countKernelDrops', () => {
  it('knows a number on Linux, and says so elsewhere', () => {
    expect(typeof countKernelDrops()).toBe(process.platform === 'linux' ? 'number' : 'undefined')
  })
})
