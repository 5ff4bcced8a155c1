import { describe, expect, it } from 'vitest'
import type { SocketEnd } from '../../../src/inspect/ends.ts'
import { endOrder } from '../../../src/inspect/views/end-order.ts'
import { address } from '../../support/records.ts'

describe('endOrder', () => {
  it('puts addresses in order by their bytes, and ports by number', () => {
    const ends: SocketEnd[] = [
      address('9.0.0.1:80'),
      address('10.0.0.1:9'),
      address('10.0.0.1:80'),
      address('[::ffff:10.0.0.2]:1'),
      address('127.0.0.1:8080'),
      address('[::]:1'),
      address('[::1]:1'),
      address('[2001:db8::2:0]:1'),
      address('[2001:db8::10:0]:1'),
      address('[2001:db8:1::]:1'),
      address('[fe80::1%eth0]:1'),
      address('[fe80::1%eth1]:1'),
      { family: 'unix', path: '/run/a' },
      { family: 'unix', path: '@b' },
      { family: 'netlink', protocol: 0, port: 9 },
      { family: 'netlink', protocol: 0, port: 4711 },
      { family: 'packet', protocol: 3, interfaceIndex: 0 },
      { family: 'vsock', cid: 2, port: 1024 },
    ]
    const keys = ends.map(endOrder)
    expect([...keys].sort()).toEqual(keys)
    expect(new Set(keys).size).toBe(ends.length)
  })

  it('knows the same address however it is written', () => {
    expect(endOrder(address('[::ffff:1.2.3.4]:5'))).toBe(endOrder(address('1.2.3.4:5')))
    expect(endOrder(address('[64:ff9b::1.2.3.4]:5'))).toBe(
      endOrder(address('[64:ff9b::102:304]:5')),
    )
  })

  it('has none for no end, and for one without a name', () => {
    expect(endOrder(undefined)).toBeUndefined()
    expect(endOrder({ family: 'unix', path: '' })).toBeUndefined()
  })
})
