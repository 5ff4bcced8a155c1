import fc, { type Arbitrary } from 'fast-check'
import {
  allOf,
  anyOf,
  type Expression,
  negated,
  type Test,
} from '../../src/inspect/select/expression.ts'
import { ALL_STATES } from '../../src/inspect/select/states.ts'

const PORTS = [0, 22, 53, 80, 443, 1022, 1023, 3000, 3001, 32_768, 45_000, 60_999, 65_535]
const BLOCKS = [
  { family: 'ipv4', bytes: [127, 0, 0, 1] },
  { family: 'ipv4', bytes: [127, 1, 2, 3] },
  { family: 'ipv4', bytes: [0, 0, 0, 0] },
  { family: 'ipv6', bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] },
  { family: 'ipv6', bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
  { family: 'ipv6', bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1] },
] as const

const end = fc.constantFrom('local' as const, 'remote' as const)
const comparison = fc.constantFrom(
  '=' as const,
  '>=' as const,
  '<=' as const,
  '>' as const,
  '<' as const,
)
const port = fc.oneof(fc.constantFrom(...PORTS), fc.nat(65_535))
const range = fc
  .tuple(port, port)
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
const single = port.map(one => ({ first: one, last: one }))

/** To the kernel what has no other end has port 0 there, to us it has none. */
const eitherPortTest: Arbitrary<Test> = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), range)
  .map(([first, { last }]) => ({
    kind: 'port',
    end: 'either',
    comparison: '=',
    ports: [{ first, last: Math.max(first, last) }],
  }))

const portTest: Arbitrary<Test> = fc.oneof(
  eitherPortTest,
  fc.record({
    kind: fc.constant('port' as const),
    end,
    comparison: fc.constant('=' as const),
    ports: fc.oneof(
      fc.array(fc.oneof(single, range), { minLength: 1, maxLength: 3 }),
      fc.constant('any' as const),
    ),
  }),
  fc.record({
    kind: fc.constant('port' as const),
    end,
    comparison,
    ports: single.map(one => [one]),
  }),
)

const hostTest: Arbitrary<Test> = fc
  .record({
    end,
    block: fc.constantFrom(...BLOCKS),
    prefixBits: fc.nat(128),
    port: fc.option(fc.oneof(single, range), { nil: undefined }),
  })
  .map(({ end: one, block, prefixBits, port: at }) => ({
    kind: 'host',
    end: one,
    host: { ...block, prefixBits: Math.min(prefixBits, 8 * block.bytes.length) },
    port: at,
  }))

const deviceTest: Arbitrary<Test> = fc
  .constantFrom('lo', '1', '7')
  .map(device => ({ kind: 'device', device }))

/** Tests that the kernel can make too. */
const kernelTest = fc.oneof(portTest, hostTest, deviceTest)

const stateTest: Arbitrary<Test> = fc
  .subarray([...ALL_STATES], { minLength: 1 })
  .map(states => ({ kind: 'state', states: new Set(states) }))

const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter(one => one.trim() !== '')
const number = fc.nat(2 ** 31 - 1)

/** Tests that have nothing to do with families. */
const otherTest: Arbitrary<Test> = fc.oneof(
  stateTest,
  fc.record({ kind: fc.constant('cgroup' as const), path: text }),
  fc.constant({ kind: 'autobound' as const }),
  fc.record({ kind: fc.constant('mark' as const), value: number, mask: number }),
  fc.record({
    kind: fc.constant('number' as const),
    field: fc.constantFrom('pid', 'uid', 'inode', 'rxq', 'txq', 'rtt', 'retrans'),
    comparison,
    values: number.map(one => [one]),
  }),
  fc.record({
    kind: fc.constant('text' as const),
    field: fc.constantFrom('process', 'user', 'container', 'netns', 'unit'),
    isPart: fc.boolean(),
    values: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
)

const nameTest: Arbitrary<Test> = fc.record({
  kind: fc.constant('host' as const),
  end,
  host: fc.record({
    name: fc.constantFrom('localhost', 'db-1.example.net'),
    family: fc.constant(undefined),
  }),
  port: fc.option(single, { nil: undefined }),
})

/** A family holds for all values behind it, so that those of different ones do not mix. */
const testsOfFamilies: readonly Arbitrary<Test>[] = [
  fc.oneof(kernelTest, nameTest),
  fc.record({ kind: fc.constant('path' as const), end, pattern: text }),
  fc.constant({ kind: 'packet', end: 'local', protocol: 3, device: 'eth0' }),
  fc.constant({ kind: 'netlink', end: 'local', protocol: 0, port: undefined }),
  fc.constant({ kind: 'vsock', end: 'remote', cid: undefined, port: 1024 }),
]

/** Expressions of these tests, as the parser makes them. */
function expressionsOf(test: Arbitrary<Test>): Arbitrary<Expression> {
  return fc.letrec<{ node: Expression }>(node => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      test as Arbitrary<Expression>,
      node('node').map(negated),
      listOf(node('node')).map(parts => allOf(parts) as Expression),
      listOf(node('node')).map(parts => anyOf(parts) as Expression),
    ),
  })).node
}

function listOf(node: Arbitrary<Expression>): Arbitrary<Expression[]> {
  return fc.array(node, { minLength: 1, maxLength: 4 })
}

/** Every kind of expression. */
export const anyExpression = fc.oneof(
  ...testsOfFamilies.map(test => expressionsOf(fc.oneof(test, otherTest))),
)

/** Those that the kernel can decide whole, of ports and hosts that `fixed-ports.mjs` opens. */
export const kernelExpression = expressionsOf(kernelTest)

/** Those that it can decide in parts. */
export const mixedExpression = expressionsOf(fc.oneof(kernelTest, stateTest))
