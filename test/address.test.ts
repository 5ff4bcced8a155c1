import { describe, expect, it } from 'vitest'
import {
  formatAddress,
  inetAddress,
  isIPv6,
  isLoopback,
  isMulticast,
  isWildcard,
} from '../src/address.ts'

describe('inetAddress', () => {
  it.each([
    ['127.0.0.1', { family: 'ipv4', host: '127.0.0.1', port: 80 }],
    ['::1', { family: 'ipv6', host: '::1', port: 80 }],
    ['fe80::1%eth0', { family: 'ipv6', host: 'fe80::1%eth0', port: 80 }],
    ['::ffff:10.0.0.7', { family: 'ipv4', host: '10.0.0.7', port: 80 }],
    ['::FFFF:10.0.0.7', { family: 'ipv4', host: '10.0.0.7', port: 80 }],
  ])('reads %s', (host, expected) => {
    expect(inetAddress(host, 80)).toEqual(expected)
  })
})

describe('formatAddress', () => {
  it.each([
    [inetAddress('127.0.0.1', 80), '127.0.0.1:80'],
    [inetAddress('::1', 80), '[::1]:80'],
    [{ family: 'unix', path: '/tmp/s' } as const, '/tmp/s'],
    [{ family: 'unix', path: '@name' } as const, '@name'],
    [{ family: 'unix', path: '' } as const, '(unnamed)'],
  ])('writes %o as %s', (address, text) => {
    expect(formatAddress(address)).toBe(text)
  })
})

describe('isIPv6', () => {
  it.each(['::', '::1', '1::', '1:2:3:4:5:6:7:8', '::ffff:10.0.0.7', 'fe80::1%eth0'])(
    'is true of %s',
    text => expect(isIPv6(text)).toBe(true),
  )
  it.each(['', '80', ':80', '10.0.0.7', '10.0.0.7:80', 'a:80', '[::1]', '::1:', '1:2:3', ':::'])(
    'is false of %j',
    text => expect(isIPv6(text)).toBe(false),
  )
})

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
    'is true of %s',
    host => expect(isLoopback(host)).toBe(true),
  )
  it.each([
    '0.0.0.0',
    '128.0.0.1',
    '10.127.0.1',
    '::',
    '::2',
    '1::1',
    '::ffff:10.0.0.1',
    'fe80::1',
  ])('is false of %s', host => expect(isLoopback(host)).toBe(false))
})

describe('isMulticast', () => {
  it.each(['224.0.0.1', '239.255.255.255', 'ff02::1', 'FF05::1:3', 'ff02::1%eth0'])(
    'is true of %s',
    host => expect(isMulticast(host)).toBe(true),
  )
  it.each(['223.255.255.255', '240.0.0.1', '255.255.255.255', '::1', 'fe80::1', 'ff::1'])(
    'is false of %s',
    host => expect(isMulticast(host)).toBe(false),
  )
})

describe('isWildcard', () => {
  it.each(['0.0.0.0', '::', '0::0', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0'])('is true of %s', host =>
    expect(isWildcard(host)).toBe(true),
  )
  it.each(['127.0.0.1', '0.0.0.1', '::1', '1::', 'fe80::'])('is false of %s', host =>
    expect(isWildcard(host)).toBe(false),
  )
})
