import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import { refuseAnswer } from '../../src/datagram/answer.ts'

const local = inetAddress('192.0.2.1', 9999)

function request(host: string, port: number, bytes = 10) {
  return { data: Buffer.alloc(bytes), local, remote: inetAddress(host, port) }
}

describe('refuseAnswer', () => {
  it.each([7, 11, 13, 17, 19, 37, 53, 69, 123])(
    'refuses source port %d, which answers back',
    port => {
      expect(refuseAnswer(request('192.0.2.7', port), 1, false)).toMatchObject({ reason: 'loop' })
    },
  )

  it('refuses what claims to come from itself, and answers another port of the same host', () => {
    expect(refuseAnswer(request('192.0.2.1', 9999), 1, false)).toMatchObject({ reason: 'loop' })
    expect(refuseAnswer(request('192.0.2.1', 9998), 1, false)).toBeUndefined()
  })

  it('refuses source port 0', () => {
    expect(refuseAnswer(request('192.0.2.7', 0), 1, false)).toMatchObject({ reason: 'no-return' })
  })

  it('never sends more bytes to the network than came, and on this machine may', () => {
    fc.assert(
      fc.property(fc.nat(65_507), fc.nat(65_507), (asked, replied) => {
        const one = request('192.0.2.7', 40_000, asked)
        expect(refuseAnswer(one, replied, true) === undefined).toBe(replied <= asked)
        expect(refuseAnswer(one, replied, false)).toBeUndefined()
      }),
    )
  })
})
