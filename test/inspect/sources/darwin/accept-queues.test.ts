import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAcceptQueues } from '../../../../src/inspect/sources/darwin/accept-queues.ts'

const TEXT = `Current listen queue sizes (qlen/incqlen/maxqlen)
Proto Listen         Local Address
tcp4  3/1/128        127.0.0.1.8021
tcp46 0/0/5          *.22
tcp4  0/0/128        *.80
tcp4  1/0/128        *.80
unix  2/0/511        /tmp/with blanks.sock
`

describe('parseAcceptQueues', () => {
  it('reads TCP by address and unix sockets by path', () => {
    const { tcp, unix } = parseAcceptQueues(TEXT)
    expect(tcp.get('127.0.0.1:8021')).toEqual({ waiting: 3, limit: 128 })
    expect(tcp.get('[::]:22')).toEqual({ waiting: 0, limit: 5 })
    expect([...unix]).toEqual([['/tmp/with blanks.sock', { waiting: 2, limit: 511 }]])
  })

  it('claims nothing of an address on which several listen', () => {
    const { tcp } = parseAcceptQueues(TEXT)
    expect(tcp.has('0.0.0.0:80')).toBe(true)
    expect(tcp.get('0.0.0.0:80')).toBeUndefined()
  })

  it('reads any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(TEXT.length), (any, at) => {
        const { tcp, unix } = parseAcceptQueues(TEXT.slice(0, at) + any)
        expect(tcp.size + unix.size).toBeLessThan(10)
      }),
    )
  })
})
