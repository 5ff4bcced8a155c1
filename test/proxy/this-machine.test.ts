import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { inetAddress } from '../../src/address.ts'
import { isOfThisMachine } from '../../src/proxy/this-machine.ts'

const OWN = Object.values(networkInterfaces()).flatMap(infos => infos ?? [])

describe('isOfThisMachine', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.9',
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '::1',
    '::',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:FFFF:A9FE:A9FE',
    'fe80::1',
    'fe80::1%eth0',
    ...OWN.map(info => info.address),
  ])('%s is', host => {
    expect(isOfThisMachine(inetAddress(host, 80))).toBe(true)
  })

  it.each(['192.0.2.1', '169.253.0.1', '128.0.0.1', '2001:db8::1', 'fd00::1', '::ffff:192.0.2.1'])(
    '%s is not',
    host => {
      expect(isOfThisMachine(inetAddress(host, 80))).toBe(false)
    },
  )
})
