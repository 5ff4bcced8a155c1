import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPastedTables } from '../../../src/inspect/sources/pasted-tables.ts'

// As Linux 6.18 writes them.
const TCP =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const TCP6 =
  '  sl  local_address                         remote_address                        st tx_queue ' +
  'rx_queue tr tm->when retrnsmt   uid  timeout inode'
const UDP = ` ${TCP} ref pointer drops            `
const RAW = `${TCP} ref pointer drops`
const UDP6 = `${TCP6} ref pointer drops`
const UNIX = 'Num       RefCount Protocol Flags    Type St Inode Path'
const PACKET = 'sk               RefCnt Type Proto  Iface R Rmem   User   Inode'
const NETLINK =
  'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode'

function protocolsOf(...lines: string[]): string[] {
  return readPastedTables(lines.join('\n')).map(({ protocol }) => protocol)
}

describe('readPastedTables', () => {
  it.each([
    ['tcp', TCP],
    ['tcp', TCP6],
    ['udp', UDP],
    ['udp', UDP6],
    ['raw', RAW],
    ['unix', UNIX],
    ['packet', PACKET],
    ['netlink', NETLINK],
    // As a terminal or an editor leaves it.
    ['tcp', `${TCP.trim()}   `],
    ['udp', UDP.trim()],
    ['unix', `${UNIX}\r`],
  ])('knows %s by its heading', (protocol, heading) => {
    expect(readPastedTables(`$ cat\r\n${heading}\n a\n b`)).toEqual([{ protocol, text: ' a\n b' }])
  })

  it('reads several, of which a heading ends the one before', () => {
    expect(readPastedTables([TCP, 'a', TCP6, 'b', UNIX, 'c', ''].join('\r\n'))).toEqual([
      { protocol: 'tcp', text: 'a' },
      { protocol: 'tcp', text: 'b' },
      { protocol: 'unix', text: 'c\n' },
    ])
  })

  it('believes tail -n +1, which names the files', () => {
    const name = (file: string): string => `==> /proc/net/${file} <==`
    expect(protocolsOf(name('raw6'), UDP6, name('udplite'), UDP, name('udp6'), UDP6)).toEqual([
      'raw',
      'udplite',
      'udp',
    ])
    expect(protocolsOf(name('raw6'), UDP6, UDP6)).toEqual(['raw', 'udp'])
  })

  it('finds none in other text', () => {
    expect(protocolsOf('', 'State Recv-Q Send-Q Local Address:Port', 'sl local_address')).toEqual(
      [],
    )
  })

  it('reads any text', () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(TCP, UDP6, UNIX, '==> raw <=='))
    fc.assert(
      fc.property(fc.array(line), lines => {
        const headings = lines.filter(one => [TCP, UDP6, UNIX].includes(one))
        expect(readPastedTables(lines.join('\n'))).toHaveLength(headings.length)
      }),
    )
  })
})
