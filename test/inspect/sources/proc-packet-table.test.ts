import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePacketTable } from '../../../src/inspect/sources/proc-packet-table.ts'

// As Linux 6.18 wrote it.
const HEADING = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n'
const BOUND = '00000000c8d1861a 3      3    88b5   1     1 832    1000   1221121\n'
const UNBOUND = '0000000080e7727b 2      2    0000   0     0 0      0      1221123\n'

describe('parsePacketTable', () => {
  it('reads sockets', () => {
    expect(parsePacketTable(HEADING + BOUND + UNBOUND)).toMatchObject([
      {
        protocol: 'packet',
        family: 'packet',
        state: 'unconnected',
        local: { family: 'packet', protocol: 0x88b5, interfaceIndex: 1 },
        remote: undefined,
        receiveQueue: 832,
        sendQueue: undefined,
        inode: 1221121,
        uid: 1000,
        interfaceIndex: 1,
      },
      { local: { protocol: 0, interfaceIndex: 0 }, inode: 1221123, uid: 0 },
    ])
  })

  it('leaves out a line that is cut off before its last column', () => {
    const end = BOUND.lastIndexOf(' ')
    expect(parsePacketTable(HEADING + BOUND.slice(0, end))).toEqual([])
  })

  it('reads any text', () => {
    const line = fc.oneof(fc.stringMatching(/^[\da-f ]{0,80}$/), fc.string())
    fc.assert(
      fc.property(fc.array(line), lines => {
        expect(parsePacketTable(lines.join('\n')).length).toBeLessThanOrEqual(lines.length * 2)
      }),
    )
  })
})
