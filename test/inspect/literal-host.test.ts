import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalHost, isLinkLocal, splitZone } from '../../src/inspect/literal-host.ts'

describe('canonicalHost', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8:0:0:1::2', '2001:db8::1:0:0:2'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:7f00:1', '127.0.0.1'],
    ['::1.2.3.4', '::102:304'],
    ['fe80:0::1%eth0', 'fe80::1%eth0'],
    ['fe80::1%2', 'fe80::1%2'],
  ])('writes %s as %s', (text, host) => {
    expect(canonicalHost(text)).toBe(host)
  })

  it.each([
    '127.1',
    '127',
    '1.2.3.4.',
    '999.0.0.1',
    '127.0.0.01',
    'localhost',
    '',
    ':',
    '::g',
    '%lo',
  ])('takes %j for no address', text => {
    expect(canonicalHost(text)).toBeUndefined()
  })

  it('says the same of what it has written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
        const host = canonicalHost(text)
        expect(host).toBeDefined()
        expect(canonicalHost(host ?? '')).toBe(host)
      }),
    )
  })
})

it('parts a zone from its address', () => {
  expect(splitZone('fe80::1%eth0')).toEqual({ address: 'fe80::1', zone: 'eth0' })
  expect(splitZone('::1')).toEqual({ address: '::1', zone: undefined })
})

it('knows the addresses that need an interface', () => {
  expect(['fe80::1', 'FEBF::1%lo', 'fec0::1', '::1', 'fe8::1'].map(isLinkLocal)).toEqual([
    ...[true, true, false, false, false],
  ])
})
