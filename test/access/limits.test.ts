import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { AddressLimiter } from '../../src/access/limits.ts'
import { inetAddress } from '../../src/address.ts'

const from = (host: string) => inetAddress(host, 40_000)

describe('AddressLimiter', () => {
  it('counts connections per address until they close', () => {
    const limiter = new AddressLimiter({ maxConns: 2 })
    const connections = [new EventEmitter(), new EventEmitter()]
    for (const one of connections) expect(limiter.admit(from('192.0.2.1'), one)).toBeUndefined()
    expect(limiter.admit(from('192.0.2.1'), new EventEmitter())).toBe('too-many')
    expect(limiter.admit(from('192.0.2.2'), new EventEmitter())).toBeUndefined()
    connections[0]?.emit('close')
    expect(limiter.admit(from('192.0.2.1'), new EventEmitter())).toBeUndefined()
    expect(limiter.admit(from('192.0.2.1'), new EventEmitter())).toBe('too-many')
  })

  it('remembers nobody who has left', () => {
    const limiter = new AddressLimiter({ maxConns: 1 })
    for (let i = 0; i < 256; i++) {
      const connection = new EventEmitter()
      expect(limiter.admit(from(`192.0.2.${i}`), connection)).toBeUndefined()
      connection.emit('close')
    }
    expect(limiter.size).toBe(0)
  })

  it.each([
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', true],
    ['2001:db8:0:1::1', '2001:0db8::1:0:0:0:9', true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['fe80::1%eth0', 'fe80::2%eth1', true],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('takes %s and %s for one: %s', (first, second, isOne) => {
    const limiter = new AddressLimiter({ maxConns: 1 })
    limiter.admit(from(first), new EventEmitter())
    expect(limiter.admit(from(second), new EventEmitter())).toBe(isOne ? 'too-many' : undefined)
  })

  it('lets a burst in, and then as many as the rate says', () => {
    const limiter = new AddressLimiter({ rate: { count: 3, perMs: 1000 } })
    const come = (now: number) => limiter.admit(from('192.0.2.1'), new EventEmitter(), now)
    expect([come(0), come(0), come(0), come(0)]).toEqual([
      undefined,
      undefined,
      undefined,
      'too-fast',
    ])
    expect(come(300)).toBe('too-fast')
    expect(come(350)).toBeUndefined()
    expect(come(350)).toBe('too-fast')
    expect(limiter.admit(from('192.0.2.2'), new EventEmitter(), 350)).toBeUndefined()
    // A rest of any length is good for one burst.
    const later = Array.from({ length: 5 }, () => come(60_000))
    expect(later.filter(one => one === undefined)).toHaveLength(3)
  })

  it('keeps the long run at the rate, however they come', () => {
    const limiter = new AddressLimiter({ rate: { count: 10, perMs: 1000 } })
    let admitted = 0
    for (let now = 0; now < 100_000; now += 7) {
      if (limiter.admit(from('192.0.2.1'), new EventEmitter(), now) === undefined) admitted++
    }
    expect(admitted).toBeGreaterThanOrEqual(1000)
    expect(admitted).toBeLessThanOrEqual(1010)
  })

  it('takes no more memory for a million addresses than for some', () => {
    const limiter = new AddressLimiter({ rate: { count: 1, perMs: 3_600_000 } })
    const connection = new EventEmitter()
    let admitted = 0
    for (let i = 0; i < 1_000_000; i++) {
      const host = `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
      if (limiter.admit(from(host), connection, i) === undefined) admitted++
    }
    expect(admitted).toBe(1_000_000)
    expect(limiter.size).toBeLessThanOrEqual(65_536)
    expect(limiter.admit(from('10.15.66.63'), connection, 1_000_000)).toBe('too-fast')
  })

  it('does not limit the peers of unix sockets, who have no address', () => {
    const limiter = new AddressLimiter({ maxConns: 1, rate: { count: 1, perMs: 1000 } })
    for (let i = 0; i < 5; i++) {
      expect(limiter.admit({ family: 'unix', path: '' }, new EventEmitter())).toBeUndefined()
    }
  })
})
