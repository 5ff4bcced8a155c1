import { describe, expect, it } from 'vitest'
import { needsOf } from '../../../src/inspect/select/needs.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'

const NOTHING = {
  owners: false,
  details: new Set(),
  containers: false,
  units: false,
  networkNamespaces: false,
}

describe('needsOf', () => {
  it.each([
    ['', {}],
    ['sport = :80 and user = root and rxq gt 0', {}],
    ['not pid = 1', { owners: true }],
    ['sport = :80 or process = node', { owners: true }],
    ['rtt gt 1s', { details: new Set(['tcp-info']) }],
    ['retrans gt 1', { details: new Set(['tcp-info']) }],
    ['container = web', { owners: true, containers: true }],
    ['unit = x', { owners: true, units: true }],
    ['netns = x', { networkNamespaces: true }],
  ])('%s', (text, needs) => {
    const { expression } = parseFilter(text, { portOfService: () => undefined })
    expect(needsOf(expression)).toEqual({ ...NOTHING, ...needs })
  })
})
