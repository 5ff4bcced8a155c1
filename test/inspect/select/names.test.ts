import { describe, expect, it } from 'vitest'
import { lookUpNames, type NameSystem } from '../../../src/inspect/select/names.ts'
import { parseFilter } from '../../../src/inspect/select/parser.ts'

const system: NameSystem = {
  addressesOf: async name => (name === 'both' ? ['127.0.0.1', '::1'] : []),
  interfaceIndex: async name => (name === 'eth0' ? 2 : undefined),
  interfaceNames: () => ['lo', 'eth0'],
  cgroupId: path => (path === '/web' ? 77 : undefined),
  ephemeralPorts: () => ({ first: 1, last: 2 }),
}

const lookUp = (text: string) => {
  const { expression } = parseFilter(text, { portOfService: () => undefined })
  return lookUpNames(expression, system)
}

describe('lookUpNames', () => {
  it('looks up what stands in the expression, and nothing else', async () => {
    const { hosts, devices, cgroups, ephemeralPorts } = await lookUp(
      'dst both and not (dev = eth0 or dev = 7) or cgroup = /web',
    )
    expect(hosts.get('both')?.map(({ family }) => family)).toEqual(['ipv4', 'ipv6'])
    expect([...devices]).toEqual([
      ['eth0', 2],
      ['7', 7],
    ])
    expect([...cgroups]).toEqual([['/web', 77]])
    expect(ephemeralPorts.first).toBeGreaterThan(ephemeralPorts.last)
    expect((await lookUp('autobound')).ephemeralPorts).toEqual({ first: 1, last: 2 })
  })

  it('takes only addresses of the family that is named', async () => {
    const { hosts } = await lookUp('dst inet6:both')
    expect(hosts.get('both')?.map(({ family }) => family)).toEqual(['ipv6'])
  })

  it.each([
    ['dst nobody', 'the host "nobody" has no address', []],
    ['dev = eht0', 'there is no interface "eht0"', ['Did you mean eth0?']],
    ['dev = wireguard', 'there is no interface "wireguard"', ['There are lo, eth0.']],
    [
      'cgroup = /x',
      'there is no cgroup "/x"',
      ['Write its folder, as /sys/fs/cgroup/system.slice or /system.slice.'],
    ],
  ])('says what %s names in vain', async (text, message, hints) => {
    await expect(lookUp(text)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', message, hints })
  })
})
