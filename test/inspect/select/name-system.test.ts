import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { nameSystem } from '../../../src/inspect/select/name-system.ts'

const isLinux = process.platform === 'linux'

describe('nameSystem', () => {
  it('knows the addresses of localhost', async () => {
    expect(await nameSystem.addressesOf('localhost')).toContain('127.0.0.1')
  })

  it('knows the interfaces', () => {
    expect(nameSystem.interfaceNames()).toEqual(Object.keys(networkInterfaces()))
  })

  it.skipIf(!isLinux)('knows interfaces by name', async () => {
    const index = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'))
    expect(await nameSystem.interfaceIndex('lo')).toBe(index)
    expect(await nameSystem.interfaceIndex('nope')).toBeUndefined()
  })

  it.skipIf(!isLinux)('knows from which ports the system chooses', () => {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    const { first, last } = nameSystem.ephemeralPorts()
    expect(text.trim().split(/\s+/).map(Number)).toEqual([first, last])
  })

  it.skipIf(!/ cgroup2 /.test(isLinux ? readFileSync('/proc/self/mounts', 'utf8') : ''))(
    'knows cgroups by their folder',
    () => {
      expect(nameSystem.cgroupId('/')).toBeGreaterThan(0)
      expect(nameSystem.cgroupId('/nope')).toBeUndefined()
      expect(nameSystem.cgroupId('../../../../etc')).toBeUndefined()
      expect(nameSystem.cgroupId('a\0b')).toBeUndefined()
    },
  )
})
