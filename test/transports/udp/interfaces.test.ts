import { describe, expect, it } from 'vitest'
import { findInterface, localInterfaces } from '../../../src/transports/udp/interfaces.ts'

const rest = { netmask: '', mac: '', internal: false, cidr: null }
const interfaces = localInterfaces({
  lo: [
    { ...rest, address: '127.0.0.1', family: 'IPv4' },
    { ...rest, address: '::1', family: 'IPv6', scopeid: 0 },
  ],
  eth0: [
    { ...rest, address: '192.0.2.2', family: 'IPv4' },
    { ...rest, address: '2001:db8::2', family: 'IPv6', scopeid: 0 },
    { ...rest, address: 'fe80::2', family: 'IPv6', scopeid: 2 },
  ],
})

describe('localInterfaces', () => {
  it('sorts addresses by family and gives link-local ones their zone', () => {
    expect(interfaces).toEqual([
      { name: 'lo', ipv4: ['127.0.0.1'], ipv6: ['::1'] },
      { name: 'eth0', ipv4: ['192.0.2.2'], ipv6: ['2001:db8::2', 'fe80::2%eth0'] },
    ])
  })

  it('sees the loopback of this machine', () => {
    expect(localInterfaces().flatMap(one => one.ipv4)).toContain('127.0.0.1')
  })
})

describe('findInterface', () => {
  it.each(['eth0', '192.0.2.2', '2001:db8::2', 'fe80::2', 'fe80::2%eth0'])('finds by %s', text => {
    expect(findInterface(text, interfaces).name).toBe('eth0')
  })

  it.each([
    ['eth1', 'no interface "eth1"'],
    ['192.0.2.3', 'no interface has the address "192.0.2.3"'],
    ['fe80::2%eth1', 'no interface has the address "fe80::2%eth1"'],
    ['', 'no interface ""'],
  ])('says which there are instead of %j', (text, message) => {
    expect(() => findInterface(text, interfaces)).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_FOUND', message, hints: ['There are lo, eth0.'] }),
    )
  })
})
