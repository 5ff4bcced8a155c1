import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALL_STATES } from '../../../src/inspect/select/states.ts'
import { collect } from '../../../src/inspect/sources/index.ts'
import type { Wanted } from '../../../src/inspect/types.ts'

const everything: Wanted = {
  protocols: new Set(['tcp', 'udp', 'unix']),
  families: new Set(['ipv4', 'ipv6', 'unix']),
  states: new Set(ALL_STATES),
}

describe('collect', () => {
  let procRoot: string

  beforeEach(() => {
    procRoot = mkdtempSync(join(tmpdir(), 'sockctl-proc-'))
    mkdirSync(join(procRoot, 'net'))
    for (const name of ['tcp', 'udp', 'unix']) writeFileSync(join(procRoot, 'net', name), '')
  })

  afterEach(() => {
    rmSync(procRoot, { recursive: true })
  })

  it('reads a /proc that is elsewhere, on every platform; one without IPv6 too', async () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const collected = await collect(everything, { platform, procRoot })
      expect(collected).toMatchObject({ source: 'procfs', records: [] })
    }
  })

  it('says what /proc does not show, as far as it was asked for', async () => {
    const place = { platform: 'linux', procRoot } as const
    const warnings = async (parts: Partial<Wanted>): Promise<string[]> =>
      (await collect({ ...everything, ...parts }, place)).warnings.map(({ message }) => message)
    expect(await warnings({})).toEqual([
      '/proc/net does not show TCP sockets that are only bound, limits and drops of accept ' +
        'queues, users, peers and queues of unix sockets, devices, marks, cgroups, shut down ' +
        'directions and cookies',
    ])
    expect(await warnings({ protocols: new Set(['udp']) })).toEqual([
      '/proc/net does not show devices, marks, cgroups, shut down directions and cookies',
    ])
    expect(await warnings({ protocols: new Set() })).toEqual([])
  })

  it('fails when the table that was asked for is not there', async () => {
    rmSync(join(procRoot, 'net', 'udp'))
    const place = { platform: 'linux', procRoot } as const
    await expect(collect(everything, place)).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      message: expect.stringContaining(`cannot read ${procRoot}/net/udp: no such file`),
    })
    const onlyTcp = { ...everything, protocols: new Set(['tcp'] as const) }
    await expect(collect(onlyTcp, place)).resolves.toMatchObject({ source: 'procfs' })
  })

  it('refuses a source that cannot look there', async () => {
    const failure = collect(everything, { platform: 'linux', procRoot }, { name: 'sock-diag' })
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: `sock-diag cannot look into ${procRoot}`,
      hints: ['This can: procfs.'],
    })
  })

  it.each([
    ['darwin', 'netstat', 'there is no /usr/sbin/netstat'],
    ['win32', 'iphlpapi', 'cannot call iphlpapi.dll: '],
    ['win32', 'netstat', 'there is no C:\\Windows\\System32\\netstat.exe'],
  ] as const)('asks %s by %s, whose absence is no empty answer', async (platform, name, why) => {
    // Here neither is: that it is missed shows that it was asked for.
    await expect(
      collect(everything, { platform, procRoot: '/proc' }, { name }),
    ).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining(why),
    })
  })

  it('knows when there is none', async () => {
    await expect(collect(everything, { platform: 'aix', procRoot: '/proc' })).rejects.toMatchObject(
      {
        code: 'ERR_UNSUPPORTED',
        message: 'no source can look into the sockets of aix',
      },
    )
  })
})
