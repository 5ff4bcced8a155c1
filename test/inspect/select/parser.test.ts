import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portOfService } from '../../../src/endpoint/service-names.ts'
import { SockctlError } from '../../../src/errors.ts'
import type { Family } from '../../../src/inspect/ends.ts'
import { formatExpression } from '../../../src/inspect/select/format-expression.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'
import { anyExpression } from '../../support/expressions.ts'

const parse = (text: string, family?: Family) => parseFilter(text, { portOfService, family })

/** As it is understood, with every bracket. */
function understood(text: string): string | undefined {
  const { expression } = parse(text)
  return expression && formatExpression(expression)
}

describe('parseFilter', () => {
  it.each(['', '  \t\n '])('takes %j for no expression', text => {
    expect(parse(text)).toEqual({
      expression: undefined,
      namesStates: false,
      family: undefined,
      isMixed: false,
    })
  })

  it.each([
    // Flat, from left to right.
    ['sport = :1 or sport = :2 and dport = :3', '(sport = :1 or sport = :2) and dport = :3'],
    ['sport = :1 and sport = :2 or dport = :3', '(sport = :1 and sport = :2) or dport = :3'],
    ['sport = :1 or sport = :2 dport = :3', '(sport = :1 or sport = :2) and dport = :3'],
    ['sport = :1 or (sport = :2 and dport = :3)', 'sport = :1 or (sport = :2 and dport = :3)'],
    ['not sport = :1 or sport = :2', 'not sport = :1 or sport = :2'],
    ['! ! sport = :1', 'sport = :1'],
    ['!!!sport=:1', 'not sport = :1'],
    ['not (sport = :1 and dport = :2)', 'not (sport = :1 and dport = :2)'],
    // States before, within and behind.
    ['state listen sport = :1 or sport = :2', 'state = listen and (sport = :1 or sport = :2)'],
    ['state listen or sport = :2', 'state = listen or sport = :2'],
    ['state listen and sport = :2', 'state = listen and sport = :2'],
    ['state = listen or sport = :2 and autobound', '(state = listen or sport = :2) and autobound'],
    ['state listen state estab', 'state = listen,established'],
    ['state bucket exclude time-wait', 'state = syn-recv'],
    [
      'sport = :1 state listen state estab',
      'sport = :1 and state = listen and state = established',
    ],
    ['sport = :1 exclude listen', 'sport = :1 and not state = listen'],
    ['not exclude listen', 'state = listen'],
    ['STATE LISTEN', 'state = listen'],
    // Ports.
    ['sport 0x50', 'sport = :80'],
    ['sport = 0120', 'sport = :80'],
    ['sport gt https', 'sport > :443'],
    ['sport = :80,443,3000-:3010', 'sport = :80,443,3000-3010'],
    ['sport!=:80', 'not sport = :80'],
    ['sport >= *', 'sport = :65535'],
    ['8080 :8081 3000-3010', 'port = :8080,8081,3000-3010'],
    ['8080 and not 8081', 'port = :8080 and not port = :8081'],
    // Hosts.
    ['dst 127/8', 'dst 127.0.0.0/8'],
    ['dst 10.1.2.3/255.255.0.0', 'dst 10.1.2.3/16'],
    ['dst [::1/128]:22', 'dst [::1]:22'],
    ['dst ::1', 'dst [::1]'],
    ['dst fe80::1:22', 'dst [fe80::1]:22'],
    ['dst ::1/64', 'dst [::1/64]'],
    ['dst 2001:db8:0:0:1::/80', 'dst [2001:db8:0:0:1::/80]'],
    ['dst default', 'dport = *'],
    ['dst :22', 'dport = :22'],
    ['dst any:22', 'dport = :22'],
    ['dst db.example.net:https', 'dst db.example.net:443'],
    ['dst inet:localhost', 'dst inet:localhost'],
    ['src 127.0.0.1,127.0.0.2', 'src 127.0.0.1 or src 127.0.0.2'],
    ['src unix:/tmp/*(1)', 'src unix:/tmp/*\\(1\\)'],
    ['(src unix:/tmp/x)', 'src unix:/tmp/x'],
    ['src unix:/a\\ b', 'src unix:/a\\ b'],
    ['src link:ip:eth0', 'src link:2048:eth0'],
    ['src netlink:rtnl:kernel', 'src netlink:0:0'],
    ['dst vsock:2:*', 'dst vsock:2:*'],
    // What is ours.
    ['pid = 1,2', 'pid = 1,2'],
    ['rtt gt 1.5ms', 'rtt > 1500us'],
    ['rtt=0', 'rtt = 0us'],
    ['rxq ge 64KiB', 'rxq >= 65536'],
    ['proc node', 'process = node'],
    ['process has nod', 'process has nod'],
    ['process~nod', 'process has nod'],
    ['process = a,b', 'process = a,b'],
    ['process = a\\,b\\ c', 'process = a\\,b\\ c'],
    ['user != root', 'not user = root'],
    ['user = \\and', 'user = \\and'],
    ['fwmark 0x10/0xf0', 'fwmark = 0x10/0xf0'],
    ['dev != eth0', 'not dev = eth0'],
    ['cgroup /system.slice', 'cgroup = /system.slice'],
  ])('reads %s as %s', (text, expected) => {
    expect(understood(text)).toBe(expected)
    expect(understood(expected)).toBe(expected)
  })

  it.each([
    ['sport = :1', undefined],
    ['sport = inet:1', 'ipv4'],
    ['sport = inet:1 or sport = inet6:1', 'ipv6'],
    ['src unix:/a', 'unix'],
    ['src netlink:rtnl', 'netlink'],
  ] as const)('lets the families of %s restrict the listing', (text, family) => {
    expect(parse(text).family).toBe(family)
  })

  it('gives the family of one value to those behind it that name none', () => {
    expect(understood('src unix:/a or src /b')).toBe('src unix:/a or src unix:/b')
    expect(parse('sport = :1', 'ipv6').family).toBe('ipv6')
  })

  it.each([
    ['sport = :1', false],
    ['state listen', true],
    ['not state = listen', true],
  ])('knows whether %s names states: %s', (text, expected) => {
    expect(parse(text).namesStates).toBe(expected)
  })

  it.each([
    ['sport = :80 foo = 3', 'foo', 'is neither a port nor a word of the filter language'],
    ['sprt = :80', 'sprt', 'sprt'],
    ['sport = :http2', ':http2', '"http2" is neither a port nor the name of a service'],
    ['sport = 70000', '70000', 'port 70000 is too large (65535 at most)'],
    ['sport > 80,90', '80,90', 'only a single value can be compared with'],
    ['sport gt 80-90', '80-90', 'only a single value can be compared with'],
    ['sport = 90-80', '90-80', 'ports 90-80 run backwards'],
    ['sport', 'sport', 'sport needs a value'],
    ['sport = or dport = :1', 'o', 'sport needs a value'],
    ['(sport = :1', '(', 'this bracket is never closed'],
    ['sport = :1 )', ')', 'this bracket closes nothing'],
    ['()', ')', 'something is missing before ")"'],
    ['sport = :1 and', '', 'something is missing at the end'],
    ['or sport = :1', 'o', 'something is missing before "or"'],
    ['not', '', 'something is missing at the end'],
    ['= :80', '=', '"=" has nothing before it'],
    ['autobound = 1', '=', '"=" has nothing before it'],
    ['src > 127.0.0.1', '>', 'src cannot be compared so'],
    ['sport has 8', 'h', 'sport cannot be compared so'],
    ['state lisetn', 'lisetn', 'no such state: "lisetn"'],
    ['state', 'state', 'a state is missing after "state"'],
    ['state = lisetn', 'lisetn', 'no such state: "lisetn"'],
    ['dst [::1]/128:22', '[::1]/128:22', 'the length belongs into the brackets'],
    ['dst [::1', '[::1', '"[::1" is not an address'],
    ['dst 10.0.0.300', '10.0.0.300', '"10.0.0.300" is not an address'],
    ['dst inet:[::1]', 'inet:[::1]', '::1 is no IPv4 address'],
    ['src link:nope', 'link:nope', '"nope" is no Ethernet protocol'],
    ['fwmark x', 'x', '"x" is not a mark'],
    ['rtt > 10', '10', '"10" is a time without a unit'],
    ['pid = me', 'me', '"me" is not a whole number'],
    ['user = a,,b', 'a,,b', 'a name is missing in "a,,b"'],
    ['src unix:/a\\', '\\', 'nothing follows the backslash'],
  ])('points at what is wrong in %s', (text, place, message) => {
    const error = errorOf(text)
    expect(error.code).toBe('ERR_USAGE')
    expect(error.message).toContain(message)
    const [line = '', carets = ''] = error.hints
    expect(line).toBe(text.trimEnd())
    const at = carets.indexOf('^')
    expect(line.slice(at, at + carets.trim().length)).toBe(place)
  })

  it.each([
    ['sprt = :80', 'Did you mean sport?'],
    ['nginx', 'Perhaps: sockctl inspect process = nginx'],
    ['close-wait', 'Perhaps: sockctl inspect state = close-wait'],
    ['localhost:80', 'Perhaps: sockctl inspect port = 80'],
    ['http://localhost:3000/app', 'Perhaps: sockctl inspect port = 3000'],
    ['db.local:5432', 'Perhaps: sockctl inspect port = 5432'],
    ['10.0.0.0/8', 'Perhaps: sockctl inspect src 10.0.0.0/8'],
    ['/run/app.sock', 'Perhaps: sockctl inspect src unix:/run/app.sock'],
    ['3000/tcp', 'See: sockctl help filters'],
    ['state lisetn', 'Did you mean listen?'],
    ['sport =', 'For example: sport = :80'],
  ])('helps with %s: %s', (text, hint) => {
    expect(errorOf(text).hints.slice(2)).toContain(hint)
  })

  it.each<[string, string, string?]>([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1', '[::1]:8080'],
    ['[::1]', '::1', '[::1]:8080'],
    ['fe80::1%eth0', 'fe80::1', '[fe80::1%eth0]:8080'],
    ['localhost', 'localhost'],
    ['app.localhost', 'localhost'],
  ])('tells who types %s alone what can be asked of an address', (text, host, place) => {
    const { message, hints } = errorOf(text)
    expect(message).toBe(`"${text}" is an address without a port`)
    expect(hints.slice(2)).toEqual([
      `One port there: sockctl inspect ${place === undefined ? `${host}:8080` : `'${place}'`}`,
      `What has it here: sockctl inspect src ${host}`,
      `Who is connected to it: sockctl inspect dst ${host}`,
    ])
  })

  it('points at the right column behind wide and hidden characters', () => {
    const [line, carets] = errorOf('user = 東京\u001b and foo = 1').hints
    expect(line).toBe('user = 東京\\x1b and foo = 1')
    expect(carets).toBe(`${' '.repeat('user = ....\\x1b and '.length)}^^^`)
  })

  it('shows the part of a long expression that it points at', () => {
    const long = Array.from({ length: 50 }, (_, i) => `sport = :${i + 1}`).join(' or ')
    const [line = '', carets = ''] = errorOf(`${long} or foo = 1 or ${long}`).hints
    expect(line).toMatch(/^….* or foo = 1 or .*…$/)
    expect(line.length).toBeLessThan(80)
    expect(line.indexOf('foo')).toBe(carets.indexOf('^'))
  })

  it('reads long lists, and gives up in good order on deep nesting', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `dst 10.0.${i >> 8}.${i & 255}`)
    expect(parse(many.join(' or ')).expression).toMatchObject({ kind: 'or' })
    expect(errorOf(`${'('.repeat(100_000)}sport = :1`).message).toContain('too many brackets')
    expect(
      errorOf(`sport = :1${' and sport = :1 or sport = :1'.repeat(10_000)}`).message,
    ).toContain('too many brackets')
    expect(understood(`${'! '.repeat(100_000)}sport = :1`)).toBe('sport = :1')
  })

  it('reads back what is written', () => {
    fc.assert(
      fc.property(anyExpression, expression => {
        const text = formatExpression(expression)
        const again = parse(text).expression
        expect(again && formatExpression(again)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  const pieces = [
    ...['sport', 'dst', 'state', 'exclude', 'user', 'rtt', 'autobound', 'fwmark', 'cgroup', 'src'],
    ...['=', '!=', '>=', '<', 'gt', 'has', '(', ')', 'and', 'or', 'not', '!', '&&', '|', '\\', ','],
    ...[':80', '80-90', '*', '[::1]', '127/8', 'unix:/a*', 'link:', 'inet6:', 'listen', 'x', '\0'],
  ]
  /** Drawn by the hundred, which is much faster than one by one. */
  const manyLines = fc.uint8Array({ minLength: 800, maxLength: 800 }).map(bytes =>
    Array.from({ length: 100 }, (_, i) => {
      const words = [...bytes.subarray(8 * i, 8 * i + 8)].map(byte => pieces[byte] ?? '')
      return words.join(i % 2 === 0 ? ' ' : '')
    }),
  )

  /** Whether it was understood. */
  function isRead(text: string): boolean {
    try {
      parse(text)
      return true
    } catch (error) {
      if (error instanceof SockctlError && error.code === 'ERR_USAGE') return false
      throw error
    }
  }

  it('refuses nonsense with an error of its own, whatever it is', { timeout: 60_000 }, () => {
    let read = 0
    const readAll = (lines: readonly string[]): void => {
      read += lines.filter(isRead).length
    }
    fc.assert(fc.property(manyLines, readAll), { numRuns: 1000 })
    expect(read).toBeGreaterThan(100)
  })

  it('refuses any characters so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => void isRead(text)),
      { numRuns: 5000 },
    )
  })
})

function errorOf(text: string): SockctlError {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof SockctlError) return error
    throw error
  }
  throw new Error(`it was read: ${text}`)
}
