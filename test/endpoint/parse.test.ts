import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEndpoint } from '../../src/endpoint/format.ts'
import {
  LONGEST_UNIX_PATH,
  parseEndpoint,
  parseEndpoints,
  takeEndpoint,
} from '../../src/endpoint/parse.ts'
import { SockctlError } from '../../src/errors.ts'

const tcp = (host: string | undefined, port: number) => ({ scheme: 'tcp', host, port })

describe('parseEndpoint', () => {
  it.each([
    ['8080', tcp(undefined, 8080)],
    [':8080', tcp(undefined, 8080)],
    ['0', tcp(undefined, 0)],
    ['tcp://:9000', tcp(undefined, 9000)],
    ['TCP://h:9000', tcp('h', 9000)],
    ['localhost:80', tcp('localhost', 80)],
    ['example.org:http', tcp('example.org', 80)],
    ['127.0.0.1:80', tcp('127.0.0.1', 80)],
    ['[::1]:80', tcp('::1', 80)],
    ['tcp://[::1]:80', tcp('::1', 80)],
    ['tcp://[fe80::1%eth0]:80', tcp('fe80::1%eth0', 80)],
    ['tcp://exämple:80', tcp('exämple', 80)],
    ['tcp:80', tcp('tcp', 80)],
    ['udp://:5353', { scheme: 'udp', host: undefined, port: 5353 }],
    ['unix:/tmp/s', { scheme: 'unix', path: '/tmp/s' }],
    ['unix:relative.sock', { scheme: 'unix', path: 'relative.sock' }],
    ['unix:/a:b/c d', { scheme: 'unix', path: '/a:b/c d' }],
    ['unix:///tmp/s', { scheme: 'unix', path: '/tmp/s' }],
    ['unix:@name', { scheme: 'unix', path: '@name' }],
    ['fd:3', { scheme: 'fd', fd: 3 }],
    ['tls://h:443', { scheme: 'tls', host: 'h', port: 443 }],
    ['ws://h:80/chat?room=1', { scheme: 'ws', host: 'h', port: 80, path: '/chat?room=1' }],
    ['ws://:9000', { scheme: 'ws', host: undefined, port: 9000, path: '/' }],
    ['ws://9000/x', { scheme: 'ws', host: undefined, port: 9000, path: '/x' }],
    ['wss://example.org', { scheme: 'wss', host: 'example.org', port: 443, path: '/' }],
    ['ws://example.org?a=b', { scheme: 'ws', host: 'example.org', port: 80, path: '/?a=b' }],
    ['wss://[::1]/x', { scheme: 'wss', host: '::1', port: 443, path: '/x' }],
    ['socketio://h:1/room', { scheme: 'socketio', host: 'h', port: 1, path: '/room' }],
    ['socketios://h', { scheme: 'socketios', host: 'h', port: 443, path: '/' }],
  ])('reads %s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint)
  })

  it.each([
    ['tpc://localhost:80', /unknown scheme "tpc".*did you mean tcp\?/],
    ['gopher://h:70', /unknown scheme "gopher".*there are tcp, tls/],
    ['', /the port is missing/],
    ['localhost', /the port is missing/],
    ['localhost:', /the port is missing/],
    ['::1', /the port is missing/],
    ['h:99999', /port 99999 is too large/],
    ['99999', /port 99999 is too large/],
    ['h:-1', /"-1" is not a port/],
    ['h:80x', /"80x" is not a port/],
    ['h:0x50', /"0x50" is not a port/],
    ['a:b:c', /not a host and port/],
    ['[h]:80', /"h" is not an IPv6 address/],
    ['[::1]', /not a host and port/],
    ['tcp://h:80/path', /a path cannot follow the port/],
    ['/tmp/s', /a path cannot follow/],
    ['unix:', /the path is missing/],
    ['unix:@', /the path is missing/],
    ['fd:x', /not a descriptor/],
    ['ws://h/a#b', /a fragment/],
    ['ws://h/a b', /a path has no blanks/],
    ['ws://user:pass@h/', /a user and password do not belong there/],
    ['ws://h:99999/', /port 99999 is too large/],
    ['wss://::1/', /the port is missing/],
    ['tls://h', /the port is missing/],
  ])('refuses %s', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
    expect(() => parseEndpoint(text)).toThrow(message)
  })

  it('counts the bytes of a unix path, not its letters', () => {
    expect(parseEndpoint(`unix:/${'a'.repeat(LONGEST_UNIX_PATH - 1)}`)).toBeDefined()
    expect(() => parseEndpoint(`unix:/${'é'.repeat(LONGEST_UNIX_PATH / 2 + 1)}`)).toThrow(
      /too long/,
    )
  })

  it('throws nothing but its own error, whatever the text', () => {
    const pieces = fc.constantFrom(
      ':',
      '/',
      '//',
      '[',
      ']',
      '::1',
      'tcp',
      'unix',
      'fd',
      '@',
      '0',
      '%',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 }))).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(text, one => {
        try {
          parseEndpoint(one)
        } catch (error) {
          expect(error).toBeInstanceOf(SockctlError)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('formatEndpoint', () => {
  it('writes what parses to the same endpoint', () => {
    const host = fc.oneof(
      fc.constant(undefined),
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().filter(one => !one.includes('.')),
    )
    const inet = fc.record({
      scheme: fc.constantFrom('tcp', 'udp'),
      host,
      port: fc.integer({ min: 0, max: 65_535 }),
    })
    fc.assert(
      fc.property(inet, endpoint => {
        expect(parseEndpoint(formatEndpoint(endpoint))).toEqual(endpoint)
      }),
    )
  })
})

describe('parseEndpoints', () => {
  it.each([
    [['localhost', '80'], [tcp('localhost', 80)]],
    [['::1', '80'], [tcp('::1', 80)]],
    [['[::1]', 'http'], [tcp('::1', 80)]],
    [
      ['8080', '9090'],
      [tcp(undefined, 8080), tcp(undefined, 9090)],
    ],
    [
      ['h', '80', ':81'],
      [tcp('h', 80), tcp(undefined, 81)],
    ],
    [
      [':80', 'unix:/s'],
      [tcp(undefined, 80), { scheme: 'unix', path: '/s' }],
    ],
  ])('reads %j', (words, endpoints) => {
    expect(parseEndpoints(words)).toEqual(endpoints)
  })
})

describe('takeEndpoint', () => {
  it.each([
    [['localhost', '80', 'GET', '/'], tcp('localhost', 80), ['GET', '/']],
    [['localhost:80', '80'], tcp('localhost', 80), ['80']],
    [[':80', 'echo'], tcp(undefined, 80), ['echo']],
    [['80', 'echo'], tcp(undefined, 80), ['echo']],
    [['::1', '80', ''], tcp('::1', 80), ['']],
    [['80'], tcp(undefined, 80), []],
  ])('takes the endpoint off %j', (words, endpoint, rest) => {
    expect(takeEndpoint(words)).toEqual({ endpoint, rest })
  })

  it('says what is missing when there is no endpoint', () => {
    expect(() => takeEndpoint(['host', 'hello'])).toThrow('the port is missing')
  })
})
