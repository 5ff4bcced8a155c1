import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseNetlinkTable } from '../../../src/inspect/sources/proc-netlink-table.ts'

// As Linux 6.18 and 3.10 wrote it.
const HEADING =
  'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n'
const NEW =
  '000000002a8855ba 15  3309860708 00000001 832      16       0     2        3        1221127 \n'
const OLD = 'ffff88003d1f8000 0   0      00000000 0        0        (null) 2        0        4\n'

describe('parseNetlinkTable', () => {
  it('reads sockets', () => {
    expect(parseNetlinkTable(HEADING + NEW + OLD)).toMatchObject([
      {
        protocol: 'netlink',
        family: 'netlink',
        state: 'unconnected',
        local: { family: 'netlink', protocol: 15, port: 3309860708 },
        remote: undefined,
        receiveQueue: 832,
        sendQueue: 16,
        inode: 1221127,
        uid: undefined,
        drops: 3,
      },
      { local: { protocol: 0, port: 0 }, inode: 4 },
    ])
  })

  it('leaves out a line that is cut off before its last column', () => {
    const end = NEW.trimEnd().lastIndexOf(' ')
    expect(parseNetlinkTable(HEADING + NEW.slice(0, end))).toEqual([])
  })

  it('reads any text', () => {
    const line = fc.oneof(fc.stringMatching(/^[\da-f ]{0,90}$/), fc.string())
    fc.assert(
      fc.property(fc.array(line), lines => {
        expect(parseNetlinkTable(lines.join('\n')).length).toBeLessThanOrEqual(lines.length * 2)
      }),
    )
  })
})
