import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CountedEvent,
  type CountingNetwork,
  countingNetwork,
  hasCountingNetwork,
} from '../../../support/counting-network.ts'
import { hasPeer } from '../../../support/peers.ts'
import { type Outcome, Sockctl, sockctl } from '../../../support/sockctl.ts'

describe.skipIf(!hasCountingNetwork)('sockctl inspect --counters', () => {
  let network: CountingNetwork

  beforeAll(async () => {
    network = await countingNetwork()
  })

  afterAll(() => network.close())

  const counters = (...argv: string[]): Promise<Outcome> =>
    sockctl(['inspect', '--counters', ...argv], { through: network.inside })

  async function values(): Promise<Readonly<Record<string, number>>> {
    const { counters: all } = JSON.parse((await counters('-a', '--json')).stdout)
    return Object.fromEntries(all.map(({ name, value }: CounterJson) => [name, value]))
  }

  it.each<[CountedEvent, string]>([
    ['overflow', 'TcpExtListenOverflows'],
    ['overflow', 'TcpExtListenDrops'],
    ['no-port', 'UdpNoPorts'],
    ['abort', 'TcpExtTCPAbortOnClose'],
  ])('counts %s as %s', async (event, name) => {
    const before = await values()
    await network.happen(event)
    expect((await values())[name]).toBe((before[name] ?? Number.NaN) + 1)
  })

  it.skipIf(!hasPeer('nstat'))('has every counter of nstat, with its value', async () => {
    const nstat = execFileSync('nsenter', [...network.inside.slice(1), 'nstat', '-azsj'])
    const { kernel } = JSON.parse(nstat.toString())
    expect(Object.keys(kernel).length).toBeGreaterThan(200)
    expect(await values()).toMatchObject(kernel)
  })

  it('shows what is not zero in groups, with what it means, and how many are not shown', async () => {
    await network.happen('overflow')
    const { stdout, stderr, code } = await counters()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^LISTENERS\n {2}TcpExtListenOverflows +[1-9]\d* {2}connections drop/m)
    expect(stdout).not.toMatch(/^ *\w+ +0\b/m)
    expect(stderr).toMatch(/^\d+ counters; \d+ are zero, \d+ are not explained: -a shows them\n/)
  })

  it('shows those that a word names', async () => {
    const { stdout } = await counters('listen', '-aH')
    const names = stdout.split('\n').map(line => line.trim().split(' ')[0])
    expect(names).toContain('TcpExtTCPFastOpenListenOverflow')
    expect(names).toContain('TcpExtEmbryonicRsts')
    expect(names).not.toContain('UdpNoPorts')
  })

  it('watches what changes until Ctrl-C', async () => {
    const argv = ['inspect', '--counters', '--watch', '100ms', '--ndjson']
    await using watching = new Sockctl(argv, { through: network.inside })
    await watching.says('stdout', /"event":"counters"/)
    await network.happen('no-port')
    const [line] = await watching.says('stdout', /^.*"event":"change".*"name":"UdpNoPorts".*$/m)
    const change = JSON.parse(line)
    expect(change).toMatchObject({ change: 1, kind: 'total', group: 'UDP' })
    expect(change.perSecond).toBeGreaterThan(0)
    expect(change.perSecond).toBeLessThanOrEqual(20)
    watching.child.kill('SIGINT')
    expect(await watching.outcome()).toMatchObject({ code: 130, stderr: '' })
  })

  it('stops by itself after --count intervals', async () => {
    const { code, stdout } = await counters('--watch', '100ms', '--count', '2', 'UdpNoPorts')
    expect(code).toBe(0)
    expect(stdout).toBe('TIME           CHANGE   PER SECOND              NOW  COUNTER\n')
  })

  it('reads the counters of another process, and says what it does not show there', async () => {
    const proc = ['inspect', '--counters', '--proc', `/proc/${network.pid}`]
    const { counters: other } = JSON.parse((await sockctl([...proc, '-a', '--json'])).stdout)
    const here = await values()
    const value = other.find(({ name }: CounterJson) => name === 'TcpExtTCPAbortOnClose')?.value
    expect(value).toBe(here.TcpExtTCPAbortOnClose)
    const { stderr } = await sockctl(proc)
    expect(stderr).toContain(`not read: /proc/${network.pid}/sys/fs/file-nr: no such file`)
    expect(stderr).toContain('conntrack and limits are left out')
  })
})

interface CounterJson {
  readonly name: string
  readonly value: number
}
