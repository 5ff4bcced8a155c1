import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUnixRows } from '../../../../src/inspect/sources/darwin/unix-table.ts'

const TEXT = `Active LOCAL (UNIX) domain sockets
Address          Type   Recv-Q Send-Q            Inode             Conn             Refs          Nextref Addr
a5eb5a6e7a1ae8f5 stream      0      0                0 a5eb5a6e7a1ae9bd                0                0 /var/run/mDNS Responder
a5eb5a6e7a1ae9bd stream      7      0                0 a5eb5a6e7a1ae8f5                0                0
0000006e7a1ae111 dgram       0      0 a5eb5a6e7a1a0001                0 a5eb5a6e7a1ae8f5                0 /var/run/syslog
a5eb5a6e7a1ae222 raw         0      0                0                0                0                0
`

describe('parseUnixRows', () => {
  it('reads what the known heading promises', () => {
    expect(parseUnixRows(TEXT)).toEqual([
      {
        address: 'a5eb5a6e7a1ae8f5',
        peer: 'a5eb5a6e7a1ae9bd',
        type: 'stream',
        receiveQueue: 0,
        sendQueue: 0,
        path: '/var/run/mDNS Responder',
      },
      {
        address: 'a5eb5a6e7a1ae9bd',
        peer: 'a5eb5a6e7a1ae8f5',
        type: 'stream',
        receiveQueue: 7,
        sendQueue: 0,
        path: '',
      },
      {
        address: '6e7a1ae111',
        peer: undefined,
        type: 'datagram',
        receiveQueue: 0,
        sendQueue: 0,
        path: '/var/run/syslog',
      },
    ])
  })

  it('reads nothing under another heading', () => {
    expect(parseUnixRows(TEXT.replace('Refs', 'pid'))).toBeUndefined()
  })

  it('reads any text', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length), fc.string(), (at, any) => {
        const rows = parseUnixRows(TEXT.slice(0, at) + any)
        expect(rows?.length ?? 0).toBeLessThanOrEqual(4)
      }),
    )
  })
})
