import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatExpression } from '../../../src/inspect/select/format-expression.ts'
import { kernelFilter } from '../../../src/inspect/select/kernel-filter.ts'
import type { KnownNames } from '../../../src/inspect/select/names.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'
import { type Bundle, bundle } from '../../support/bundle.ts'
import { kernelExpression, mixedExpression } from '../../support/expressions.ts'
import { fixedPorts } from '../../support/fixed-ports.ts'
import type { KernelSelection } from '../../support/print-kernel-selections.ts'
import {
  hasSocketsInStates,
  type SocketsInStates,
  socketsInStates,
} from '../../support/sockets-in-states.ts'

const NAMES: KnownNames = {
  hosts: new Map([['both', [block('ipv4', [127, 0, 0, 1]), block('ipv6', [...zeros(15), 1])]]]),
  devices: new Map([['eth0', 2]]),
  cgroups: new Map([['/a', 2 ** 33 + 1]]),
  ephemeralPorts: { first: 32_768, last: 60_999 },
}

function block(family: 'ipv4' | 'ipv6', bytes: number[]) {
  return { family, bytes, prefixBits: 8 * bytes.length }
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

function program(text: string): string | undefined {
  const { expression } = parseFilter(text, { portOfService: () => undefined })
  const bytes = kernelFilter(expression, NAMES)
  return (
    bytes &&
    Buffer.from(bytes)
      .toString('hex')
      .replace(/(.{8})(?!$)/g, '$1 ')
  )
}

// The bytes are those of a machine that is little endian.
describe('kernelFilter', () => {
  it.each([
    ['sport = :80', '070c1000 00000000 50000000'],
    ['dport >= :80', '04080c00 00005000'],
    ['sport = :3000-3010', '02081400 0000b80b 03080c00 0000c20b'],
    ['sport > :65535', '01040800'],
    ['src 127/8', '07101400 02080000 ffffffff 7f000000'],
    ['dst [::1]:22', `081c2000 0a800000 16000000 ${'00000000 '.repeat(3)}00000001`],
    ['dev = eth0', '09080c00 02000000'],
    ['cgroup = /a', '0d0c1000 01000000 02000000'],
    ['not dev = eth0', '09080c00 02000000 01040800'],
    ['dev = eth0 and sport >= :80', '09081400 02000000 02080c00 00005000'],
    ['dev = eth0 or sport >= :80', '09080c00 02000000 01040c00 02080c00 00005000'],
  ])('%s is %s', (text, bytes) => {
    expect(program(text)).toBe(bytes)
  })

  it.each([
    ['state = listen and dev = eth0', 'dev = eth0'],
    ['process = node and not (user = root or dev = eth0)', 'not dev = eth0'],
    ['fwmark = 1 and dev = eth0', 'dev = eth0'],
    ['sport = * and dev = eth0', 'dev = eth0'],
  ])('of %s asks for %s', (text, part) => {
    expect(program(text)).toBe(program(part))
  })

  it.each([
    'state = listen',
    'state = listen or dev = eth0',
    'not (process = node and dev = eth0)',
    'sport = *',
    'fwmark = 1',
    'src unix:*',
    // There is no other end, and the kernel has port 0 there.
    'port lt :80',
  ])('has nothing to ask for %s', text => {
    expect(program(text)).toBeUndefined()
  })

  it('gives up when it becomes too long', () => {
    const ports = Array.from({ length: 1000 }, (_, i) => 2 * i + 1)
    expect(program(`sport = :${ports.slice(0, 100).join(',')}`)).toBeDefined()
    expect(program(`sport = :${ports.join(',')}`)).toBeUndefined()
    const none = ports.map(port => `not dport = :${port}`).join(' and ')
    expect(program(`dev = eth0 and ${none}`)?.replaceAll(' ', '').length).toBeLessThanOrEqual(
      16_384,
    )
  })

  it('asks for every address of a host', () => {
    const either = 'src 127.0.0.1 or src [::1]'
    expect(program('src both')).toBe(program(either))
  })
})

describe.skipIf(!hasSocketsInStates)('the kernel', () => {
  let made: SocketsInStates
  let fixed: { close(): Promise<void> }
  let script: Bundle

  beforeAll(async () => {
    made = await socketsInStates()
    fixed = await fixedPorts(made.inside)
    script = await bundle('test/support/print-kernel-selections.ts', { hasPackages: true })
  }, 30_000)

  afterAll(async () => {
    script?.remove()
    await fixed?.close()
    await made?.close()
  })

  function ask(expressions: readonly string[]): KernelSelection[] {
    const [file = '', ...args] = [...made.inside, process.execPath, script.path]
    const options = { input: JSON.stringify(expressions), maxBuffer: 2 ** 26 }
    return JSON.parse(execFileSync(file, args, options).toString())
  }

  const seed = Date.now()
  const sample = (expressions: typeof kernelExpression, count: number): string[] =>
    fc.sample(expressions, { numRuns: count, seed }).map(formatExpression)

  it('lets pass what is selected, and nothing else where it can decide all', () => {
    const expressions = sample(kernelExpression, 500)
    const compared = ask(expressions)
    const wrong = expressions.filter((_, i) => {
      const { hasProgram, selected, passed, lost } = compared[i] as KernelSelection
      return lost > 0 || (hasProgram && passed !== selected)
    })
    expect(wrong, `seed ${seed}`).toEqual([])
    expect(new Set(compared.map(({ selected }) => selected)).size).toBeGreaterThan(10)
  }, 120_000)

  it('never keeps back what is selected', () => {
    const expressions = sample(mixedExpression, 200)
    const compared = ask(expressions)
    expect(
      expressions.filter((_, i) => compared[i]?.lost !== 0),
      `seed ${seed}`,
    ).toEqual([])
    expect(compared.some(({ hasProgram }) => hasProgram)).toBe(true)
  }, 120_000)

  it('knows cgroups', () => {
    const [root, none] = ask(['cgroup = / or dport = :0', 'not cgroup = / and cgroup = /'])
    expect(root).toMatchObject({ hasProgram: true, lost: 0 })
    expect(none).toMatchObject({ hasProgram: true, passed: 0 })
  })
})
