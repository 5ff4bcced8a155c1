import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  guessProtocol,
  isClientHello,
  isTls,
  loneAlert,
  quoteFirstLine,
} from '../../src/channel/first-bytes.ts'

const HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
const ALERT = Buffer.from([0x15, 3, 3, 0, 2, 2, 70])

describe('first bytes', () => {
  it.each([
    [HELLO, 'TLS'],
    [HELLO.subarray(0, 1), 'TLS'],
    [ALERT, 'TLS'],
    ['GET / HTTP/1.1\r\n', 'HTTP'],
    ['CONNECT a:443 HTTP/1.1\r\n', 'HTTP'],
    ['HTTP/1.1 400 Bad Request\r\n', 'HTTP'],
    ['PRI * HTTP/2.0\r\n', 'HTTP'],
    ['GETTING started\r\n', undefined],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'SSH'],
    ['hello', undefined],
    ['', undefined],
    [Buffer.from([0x16, 9]), undefined],
  ])('tell what is spoken: %j', (bytes, protocol) => {
    expect(guessProtocol(Buffer.from(bytes as string))).toBe(protocol)
  })

  it('tell a ClientHello from a ServerHello, and an alert that is alone', () => {
    expect(isClientHello(HELLO)).toBe(true)
    expect(isClientHello(Buffer.from([0x16, 3, 3, 0, 90, 2]))).toBe(false)
    expect(loneAlert(ALERT)).toBe(70)
    expect(loneAlert(Buffer.concat([ALERT, ALERT]))).toBeUndefined()
    expect(loneAlert(HELLO.subarray(0, 7))).toBeUndefined()
  })

  it.each([
    ['220 mail ESMTP\r\n250 more', '"220 mail ESMTP"'],
    ['x'.repeat(80), `"${'x'.repeat(60)}..."`],
    [Buffer.from([0, 0x5b, 0xff]), '00 5b ff in hex'],
    ['\x1b[31mred', '1b 5b 33 31 6d 72 65 64 in hex'],
  ])('are quoted on one line: %j', (bytes, quoted) => {
    expect(quoteFirstLine(Buffer.from(bytes as string))).toBe(quoted)
  })

  it('may be anything', () => {
    const anything = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))
    fc.assert(
      fc.property(anything, bytes => {
        expect(quoteFirstLine(bytes)).toMatch(/^[\x20-\x7e\t]*$/)
        expect(isTls(bytes)).toBe(guessProtocol(bytes) === 'TLS')
      }),
    )
  })
})
