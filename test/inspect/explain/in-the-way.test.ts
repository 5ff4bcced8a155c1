import { describe, expect, it } from 'vitest'
import { standsInTheWay } from '../../../src/inspect/explain/in-the-way.ts'
import { address, record } from '../../support/records.ts'

const interfaceName = (index: number): string | undefined => ({ 1: 'lo', 2: 'eth0' })[index]

describe('standsInTheWay', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '0.0.0.0'],
    ['127.0.0.1', '::'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::', '0.0.0.0'],
    ['::', '::1'],
    ['::1', '::'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['fe80::1', 'fe80::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('finds that %s has %s', (here, asked) => {
    expect(standsInTheWay(record({ local: address(`[${here}]:80`) }), asked, interfaceName)).toBe(
      true,
    )
  })

  it.each([
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.1', '::1'],
    ['0.0.0.0', '::1'],
    ['::1', '127.0.0.1'],
    ['::1', '0.0.0.0'],
    ['fe80::1%eth0', 'fe80::1%lo'],
  ])('finds that %s leaves %s to others', (here, asked) => {
    expect(standsInTheWay(record({ local: address(`[${here}]:80`) }), asked, interfaceName)).toBe(
      false,
    )
  })

  it('leaves IPv4 to others where a socket is of IPv6 only', () => {
    const ip = { isV6only: true } as NonNullable<ReturnType<typeof record>['ip']>
    const one = record({ local: address('[::]:80'), ip })
    const has = (host: string): boolean => standsInTheWay(one, host, interfaceName)
    expect(['127.0.0.1', '0.0.0.0', '::1', '::'].map(has)).toEqual([false, false, true, true])
  })

  it('tells the interfaces of one address apart, by name and by number', () => {
    const one = record({ local: address('[fe80::1]:80'), interfaceIndex: 2 })
    const has = (host: string): boolean => standsInTheWay(one, host, interfaceName)
    expect(['fe80::1%eth0', 'fe80::1%2', 'fe80::1', 'fe80::1%lo', 'fe80::1%1'].map(has)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('is never said of a path', () => {
    expect(standsInTheWay(record({ local: { family: 'unix', path: '/s' } }), '::')).toBe(false)
  })
})
