import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { negated } from '../../../src/inspect/select/expression.ts'
import type { KnownNames } from '../../../src/inspect/select/names.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'
import {
  predicate,
  type SelectionContext,
  type Verdict,
} from '../../../src/inspect/select/predicate.ts'
import type { TcpDetails, TcpInfo } from '../../../src/inspect/socket-details.ts'
import type { SocketRecord } from '../../../src/inspect/types.ts'
import { anyExpression } from '../../support/expressions.ts'
import { address, connection, record, unixSocket } from '../../support/records.ts'

const names: KnownNames = {
  hosts: new Map([['both', [block('ipv4', [127, 0, 0, 1]), block('ipv6', LOOPBACK6())]]]),
  devices: new Map([
    ['lo', 1],
    ['eth0', 2],
  ]),
  cgroups: new Map([['/web', 77]]),
  ephemeralPorts: { first: 32_768, last: 60_999 },
}

function block(family: 'ipv4' | 'ipv6', bytes: number[]) {
  return { family, bytes, prefixBits: 8 * bytes.length }
}

function LOOPBACK6(): number[] {
  return [...Array.from({ length: 15 }, () => 0), 1]
}

const node = { pid: 4711, fd: 21, name: 'node' }
const resolved = { pid: 300, fd: 12, name: 'systemd-resolve' }

const context: SelectionContext = {
  source: 'sock-diag',
  names,
  userName: uid => ({ 0: 'root', 33: 'www-data' })[uid],
  holdersOf: ({ inode }) => (inode === 1000 ? [node, resolved] : inode === 0 ? [] : 'hidden'),
  containerOf: ({ inode }) => (inode === 1000 ? { id: 'abcdef123456', name: 'web' } : undefined),
  unitOf: ({ inode }) => (inode === 1000 ? 'nginx.service' : undefined),
}

function verdict(text: string, one: SocketRecord, parts: Partial<SelectionContext> = {}): Verdict {
  const { expression } = parseFilter(text, { portOfService: () => undefined })
  if (expression === undefined) throw new Error('an empty expression')
  return predicate(expression, { ...context, ...parts })(one)
}

function tcp(info: Partial<TcpInfo>): TcpDetails {
  return {
    info: info as TcpInfo,
    congestion: undefined,
    congestionState: undefined,
    upperProtocol: undefined,
  }
}

const listener = record({ local: address('0.0.0.0:8080'), mark: 0x12, cgroupId: 77 })
const client = connection('127.0.0.1:40000', '10.1.2.3:443', {
  receiveQueue: 70_000,
  interfaceIndex: 2,
  tcp: tcp({ rttUs: 12_500, totalRetrans: 3 }),
  netns: { inode: 4_026_531_833, name: 'blue' },
})
const mapped = connection('::ffff:127.0.0.1:8080', '::ffff:10.1.2.3:5', { family: 'ipv6' })
const other = connection('[::1]:1', '[::1]:2', { inode: 5, uid: 33 })
const waiting = connection('127.0.0.1:80', '127.0.0.1:9', {
  state: 'time-wait',
  inode: 0,
  uid: undefined,
})
const path = unixSocket('@a\0b', { remote: { family: 'unix', path: '/run/Door' } })

describe('predicate', () => {
  it.each<[string, SocketRecord, Verdict]>([
    ['src 127/8', client, true],
    ['src 127.0.0.0/31', client, true],
    ['src 126/7', client, true],
    ['src 128/1', client, false],
    ['dst both', client, false],
    ['src both', client, true],
    ['src both', other, true],
    ['src 127.0.0.1', mapped, true],
    ['src [::ffff:127.0.0.1]', mapped, true],
    ['src [::ffff:127.0.0.1]', client, false],
    ['src ::/0', client, false],
    ['src 0/0', other, false],
    ['not src 0/0', other, true],
    ['dst 0.0.0.0', listener, true],
    ['dst 10/8:443', client, true],
    ['dst 10/8:400-500', client, true],
    ['dst 10/8:444', client, false],
    ['dport = :0', listener, true],
    ['dport lt 5', listener, true],
    ['port lt 5', listener, false],
    ['port = 443', client, true],
    ['port = 40000', client, true],
    ['sport = *', path, true],
    ['sport gt 0', path, false],
    ['sport lt 70', path, false],
    ['dev = eth0', client, true],
    ['dev = lo', client, false],
    ['dev = lo', path, false],
    ['fwmark = 0x12', listener, true],
    ['fwmark = 0x10/0xf0', listener, true],
    ['fwmark = 0x13/0x0f', listener, false],
    ['fwmark = 0', path, false],
    ['cgroup = /web', listener, true],
    ['cgroup = /web', waiting, false],
    ['autobound', client, true],
    ['autobound', listener, false],
    ['src unix:@A@B', path, true],
    ['dst unix:/run/*', path, true],
    ['src unix:/run/*', path, false],
    ['src unix:*', client, false],
    ['pid = 4711', client, true],
    ['pid = 1,300', client, true],
    ['pid gt 5000', client, false],
    ['process = node', client, true],
    ['process = nod', client, false],
    ['process = systemd-resolved', client, true],
    ['process has NOD', client, true],
    ['process has x', client, false],
    ['user = root', client, true],
    ['user = 33', other, true],
    ['user has www', other, true],
    ['user = root', waiting, false],
    ['uid = 33', other, true],
    ['uid != 33', waiting, true],
    ['inode = 5', other, true],
    ['rxq gt 64KiB', client, true],
    ['rxq lt 64KiB', client, false],
    ['rtt gt 10ms', client, true],
    ['rtt gt 12500us', client, false],
    ['rtt ge 0', listener, false],
    ['rtt ge 0', waiting, false],
    ['rtt ge 0', path, false],
    ['retrans = 3', client, true],
    ['container = web', client, true],
    ['container = abcdef', client, true],
    ['container = abc', client, false],
    ['container has WE', client, true],
    ['container = web', other, false],
    ['unit = nginx.service', client, true],
    ['netns = blue', client, true],
    ['netns = 4026531833', client, true],
    // What is not known.
    ['rtt gt 10ms', mapped, { field: 'rtt' }],
    ['not retrans gt 0', mapped, { field: 'retrans' }],
    ['fwmark = 1', client, { field: 'fwmark' }],
    ['cgroup = /web', client, { field: 'cgroup' }],
    ['netns = blue', listener, { field: 'netns' }],
    ['process = x', other, 'hidden'],
    ['not process = x', other, 'hidden'],
    ['process = x', waiting, false],
    // And where that does not matter.
    ['fwmark = 1 and sport = :1', client, false],
    ['fwmark = 1 or dport = :443', client, true],
    ['not (fwmark = 1 and sport = :1)', client, true],
    ['process = x and rtt gt 1s', other, { field: 'rtt' }],
    ['process = x and state = listen', other, false],
    ['process = x or state = established', other, true],
  ])('%s', (text, one, expected) => {
    expect(verdict(text, one)).toEqual(expected)
  })

  it.each<[string, SocketRecord, Verdict]>([
    ['dev = lo', record({ interfaceIndex: undefined }), { field: 'dev' }],
    ['txq gt 0', record({ sendQueue: undefined }), { field: 'txq' }],
    ['uid = 0', unixSocket('/a', { uid: undefined }), { field: 'uid' }],
    ['user = root', unixSocket('/a', { uid: undefined }), { field: 'user' }],
    ['dst unix:/a', unixSocket('/a'), { field: 'dst' }],
    ['dst unix:/a', unixSocket('/a', { state: 'listen' }), false],
  ])('does not know by /proc: %s', (text, one, expected) => {
    expect(verdict(text, one, { source: 'procfs' })).toEqual(expected)
  })

  it.each(['container = web', 'unit = x'])('does not know what nobody looked up: %s', text => {
    const { containerOf: _, unitOf: __, ...rest } = context
    const { expression } = parseFilter(text, { portOfService: () => undefined })
    expect(expression && predicate(expression, rest)(client)).toHaveProperty('field')
  })

  it('turns every answer around with "not"', () => {
    const records = [listener, client, mapped, other, waiting, path]
    fc.assert(
      fc.property(anyExpression, fc.constantFrom(...records), (expression, one) => {
        const plain = predicate(expression, context)(one)
        const turned = predicate(negated(expression), context)(one)
        expect(turned).toEqual(typeof plain === 'boolean' ? !plain : plain)
      }),
      { numRuns: 2000 },
    )
  })
})
