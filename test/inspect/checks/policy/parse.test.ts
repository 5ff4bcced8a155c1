import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { portOfService } from '../../../../src/endpoint/service-names.ts'
import { SockctlError } from '../../../../src/errors.ts'
import { ruleText } from '../../../../src/inspect/checks/policy/check.ts'
import { parsePolicy } from '../../../../src/inspect/checks/policy/parse.ts'
import type { Name, PolicyRule } from '../../../../src/inspect/checks/policy/types.ts'
import { failureOf } from '../../../support/failure.ts'

const parse = (text: string) => parsePolicy(text, { name: 'p.txt', portOfService })

const LOOPBACK = { family: 'ipv4', bytes: [127, 0, 0, 1], prefixBits: 32 } as const
const bare = (text: string) => ({ text, isLiteral: false })

/** A name that is no pattern means the same in quotes and without. */
function withoutQuotes(rule: PolicyRule): PolicyRule {
  const plain = ({ text, isLiteral }: Name): Name => ({
    text,
    isLiteral: isLiteral && /[*?[\\]/.test(text),
  })
  const { place, processes } = rule
  return {
    ...rule,
    processes: processes.map(plain),
    place: 'path' in place ? { path: plain(place.path) } : place,
  }
}

describe('parsePolicy', () => {
  it('reads rules, with their lines, and denies the rest', () => {
    expect(
      parse(
        [
          '# what may listen',
          'tcp 127.0.0.1:5432 postgres',
          '',
          '  allow tcp *:ssh sshd user=root  # remote access',
          'deny udp localhost:3000-3010,80',
          'require unix "/run/my app.sock" app*,"my app"',
          'tcp [::]:*',
        ].join('\r\n'),
      ),
    ).toEqual({
      byDefault: 'deny',
      rules: [
        {
          line: 2,
          kind: 'allow',
          protocol: 'tcp',
          place: { addresses: LOOPBACK, ports: [{ first: 5432, last: 5432 }] },
          processes: [bare('postgres')],
          user: undefined,
        },
        {
          line: 4,
          kind: 'allow',
          protocol: 'tcp',
          place: { addresses: 'any', ports: [{ first: 22, last: 22 }] },
          processes: [bare('sshd')],
          user: 'root',
        },
        {
          line: 5,
          kind: 'deny',
          protocol: 'udp',
          place: {
            addresses: 'localhost',
            ports: [
              { first: 3000, last: 3010 },
              { first: 80, last: 80 },
            ],
          },
          processes: [],
          user: undefined,
        },
        {
          line: 6,
          kind: 'require',
          protocol: 'unix',
          place: { path: { text: '/run/my app.sock', isLiteral: true } },
          processes: [bare('app*'), { text: 'my app', isLiteral: true }],
          user: undefined,
        },
        {
          line: 7,
          kind: 'allow',
          protocol: 'tcp',
          place: {
            addresses: { family: 'ipv6', bytes: Array(16).fill(0), prefixBits: 128 },
            ports: undefined,
          },
          processes: [],
          user: undefined,
        },
      ],
    })
  })

  it('reads a default, and nothing at all', () => {
    expect(parse('default allow\n')).toEqual({ byDefault: 'allow', rules: [] })
    expect(parse('\ufeff')).toEqual({ byDefault: 'deny', rules: [] })
  })

  it.each<[string, string, string]>([
    ['tpc *:80', '1:1: no such protocol: "tpc"', '^^^'],
    ['tcp', '1:4: where it listens is missing', '^'],
    ['deny', '1:5: a protocol is missing', '^'],
    ['tcp 80', '1:5: "80" is not an address and a port', '^^'],
    ['tcp *:http2', '1:7: "http2" is not a port', '^^^^^'],
    ['tcp *:99999', '1:7: port 99999 is too large (65535 at most)', '^^^^^'],
    ['tcp 127:80', '1:5: "127" is not an address', '^^^'],
    ['tcp ::1:80', '1:5: "::1:80" is not an address and a port', '^^^^^^'],
    ['tcp 10.0.0.0/40:80', '1:5: "10.0.0.0/40" is not an address', '^^^^^^^^^^^'],
    ['tcp *:80 nginx apache', '1:16: this does not belong here', '^^^^^^'],
    ['tcp *:80 nginx,', '1:16: a name is missing', '^'],
    ['tcp *:80 "my app', '1:10: a quote is not closed', '^^^^^^^'],
    ['tcp *:80 my"app"', '1:12: quotes stand around a whole name', '^^^^^'],
    ['tcp *:80 "\\q"', '1:10: in quotes stands what JSON allows', '^^^^'],
    ['tcp *:80 user=a user=b', '1:17: there is a second user', '^^^^^^'],
    ['tcp *:80 user=', '1:15: a name is missing', '^'],
    ['default maybe', '1:9: default is allow or deny', '^^^^^'],
    ['default', '1:8: default is allow or deny', '^'],
    ['default deny\n\n default allow', '3:2: there is a second default', '^^^^^^^'],
    [`tcp *:80${' '.repeat(100)}a b`, '1:111: this does not belong here', '^'],
  ])('points at what is wrong in %s', (text, message, carets) => {
    const error = failureOf(() => parse(text))
    expect(error.code).toBe('ERR_USAGE')
    expect(error.message).toBe(`p.txt:${message}`)
    expect(error.hints[1]?.trim()).toBe(carets)
  })

  it('reads back every rule as it is written', () => {
    const name = fc.oneof(
      fc.record({
        text: fc.string({ unit: 'grapheme', minLength: 1 }),
        isLiteral: fc.constant(true),
      }),
      fc.record({
        text: fc.stringMatching(/^[a-z*?[\]][a-z*?-]{0,9}$/),
        isLiteral: fc.constant(false),
      }),
    )
    const ports = fc
      .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
      .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
    const block = fc.oneof(
      fc.record({
        family: fc.constant('ipv4' as const),
        bytes: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
        prefixBits: fc.nat(32),
      }),
      fc.record({
        family: fc.constant('ipv6' as const),
        bytes: fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }),
        prefixBits: fc.nat(128),
      }),
    )
    const base = {
      line: fc.constant(1),
      kind: fc.constantFrom('allow', 'deny', 'require'),
      processes: fc.array(name, { maxLength: 3 }),
      user: fc.option(fc.stringMatching(/^[a-z][a-z0-9 -]{0,8}$/), { nil: undefined }),
    } as const
    const inet = fc.record({
      ...base,
      protocol: fc.constantFrom('tcp', 'udp'),
      place: fc.record({
        addresses: fc.oneof(fc.constantFrom('any', 'localhost'), block),
        ports: fc.option(fc.array(ports, { minLength: 1, maxLength: 3 }), { nil: undefined }),
      }),
    })
    const unix = fc.record({
      ...base,
      protocol: fc.constant('unix'),
      place: fc.record({ path: name }),
    })
    fc.assert(
      fc.property(fc.oneof(inet, unix), rule => {
        const text = ruleText(rule as PolicyRule)
        // What a terminal would obey stands in messages as an escape of ours, not of JSON.
        fc.pre(!/\\[xu]/.test(text))
        const [read] = parse(text).rules
        expect(read && ruleText(read)).toBe(text)
        expect(read && withoutQuotes(read)).toEqual(withoutQuotes(rule as PolicyRule))
      }),
    )
  })

  it('never fails in another way', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(
            fc.constantFrom('tcp', 'unix', 'deny', ' ', '*:80', '"', ',', '\\', '#', '\n', '['),
          ),
        ),
        text => {
          try {
            parse(typeof text === 'string' ? text : text.join(''))
          } catch (error) {
            expect(error).toBeInstanceOf(SockctlError)
            expect((error as SockctlError).message).toMatch(/^p\.txt:\d+:\d+: /)
          }
        },
      ),
    )
  })
})
