import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DESTINATION_FIELDS, RANGE_FIELDS } from '../../../../src/inspect/views/over-time-schema.ts'
import { asNobody, canBeNobody } from '../../../support/nobody.ts'
import { sockctl } from '../../../support/sockctl.ts'
import {
  hasTroubledNetwork,
  type TroubledNetwork,
  troubledNetwork,
} from '../../../support/troubled-network.ts'

describe.skipIf(!hasTroubledNetwork)('sockctl inspect --ephemeral', () => {
  let network: TroubledNetwork

  beforeAll(async () => {
    network = await troubledNetwork()
    await network.make('set ip_local_port_range 40000 41009')
    await network.make('set ip_local_reserved_ports 40100-40109,8080')
    await network.make('set tcp_tw_reuse 0')
  }, 30_000)

  afterAll(() => network.close())

  const ephemeral = (...argv: string[]) =>
    sockctl(['inspect', '--ephemeral', ...argv], { through: network.inside })

  async function destinations(...argv: string[]) {
    const { stdout } = await ephemeral('--json', ...argv)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  }

  /** Now and then the system itself keeps one less than there were connections. */
  function countTimeWait(): number {
    const [file = '', ...args] = [...network.inside, 'cat', '/proc/net/tcp']
    const table = execFileSync(file, args, { encoding: 'utf8' })
    return table.split('\n').filter(line => / 06 \S+:/.test(line)).length
  }

  it('says that none is taken, and what there are', async () => {
    expect(await ephemeral('--interval', '0')).toMatchObject({
      code: 0,
      stdout:
        'no port is taken by an outgoing connection\n\nWatch: sockctl inspect --ephemeral --watch 5s\n',
    })
    const { range } = await destinations('--interval', '0')
    expect(RANGE_FIELDS.map(({ key }) => key)).toEqual(Object.keys(range))
    expect(range).toMatchObject({ first: 40_000, last: 41_009, reserved: 10, usable: 1000 })
    expect(range).toMatchObject({ timeWaitSeconds: 60, reuse: 'none', isAssumed: false })
  })

  it('counts what a client leaves in TIME_WAIT, and not the side of the server', async () => {
    await network.make('dial 19')
    const made = countTimeWait()
    expect(made).toBeGreaterThan(15)
    const { destinations: all } = await destinations('--interval', '0')
    expect(all).toEqual([
      {
        from: '127.0.0.1',
        host: '127.0.0.1',
        port: network.server,
        used: made,
        timeWait: made,
        established: 0,
        reusable: 0,
        percent: made / 10,
        ceilingPerSecond: 16,
        madeBy: [],
        hidden: [],
      },
    ])
  })

  it('tells how many come in a second within a tenth, who makes them, and that it is too fast', async () => {
    await network.make('dial-rate 20')
    const watched = await destinations('--watch', '1500ms', '--count', '2')
    const { stdout } = await ephemeral('--interval', '1s')
    await network.make('dial-rate 0')
    const [busy] = watched.destinations
    expect(DESTINATION_FIELDS.map(({ key }) => key).sort()).toEqual(Object.keys(busy).sort())
    expect(busy.perSecond).toBeGreaterThan(18)
    expect(busy.perSecond).toBeLessThan(22)
    expect(busy.madeBy).toEqual([{ pid: network.clientPid, name: 'python3' }])
    expect(stdout).toMatch(
      /^(?:Will|Running) (?:run )?out of client ports towards 127\.0\.0\.1:\d+: /,
    )
    expect(stdout).toContain(`python3 (pid ${network.clientPid}), closes first`)
    expect(stdout).toContain('range 40000-41009 less 10 reserved = 1,000 ports; TIME_WAIT 60 s')
    expect(stdout).toContain('-> at most 16 new connections/s to one target\n')
    expect(stdout.indexOf('reuse connections')).toBeLessThan(stdout.indexOf('ip_local_port_range'))
  })

  it('says when they are as good as gone; --max decides the exit code', async () => {
    const { destinations: before } = await destinations('--interval', '0')
    await network.make(`dial ${965 - before[0].used}`)
    const { code, stdout } = await ephemeral('--interval', '0')
    expect(stdout).toMatch(
      /^Nearly out of client ports towards .*: 9\d\d of 1,000 used \(9\d %\)\./,
    )
    expect(code).toBe(0)
    expect((await ephemeral('--interval', '0', '--max', '95')).code).toBe(1)
    expect((await ephemeral('--interval', '0', '--max', '100')).code).toBe(0)
  })

  it('knows that on loopback a TIME_WAIT can be taken again', async () => {
    await network.make('set tcp_tw_reuse 2')
    const { stdout } = await ephemeral('--interval', '1s')
    expect(stdout).toMatch(/^Enough client ports: .*, 0 of 1,000 used \(0 %\)\./)
    expect(stdout).toContain('on loopback TIME_WAIT can be taken again after 1 s: at most 1,000/s')
    const { destinations: all } = await destinations('--interval', '0')
    expect(all[0]).toMatchObject({ reusable: all[0].timeWait, percent: 0 })
  })

  it.skipIf(!canBeNobody)('tells hidden owners from those that are gone', async () => {
    await network.make('half 3')
    const argv = ['inspect', '--ephemeral', '--interval', '0']
    const { stdout, stderr } = await sockctl(argv, { through: asNobody(network.inside) })
    expect(stdout).toMatch(/ {2}\(owner hidden: uid 0 root\)(?:, closes first)?\n/)
    expect(stderr).toMatch(/^\d+ owners hidden \(root \d+\)\nSee them: sudo env /)
  })

  it('refuses another network, whose settings it cannot read', async () => {
    const { code, stderr } = await ephemeral('--netns', 'all')
    expect(code).toBe(2)
    expect(stderr).toContain('nsenter')
  })
})
