import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PEER_FIELDS, PILE_FIELDS } from '../../../../src/inspect/views/over-time-schema.ts'
import { canNameNetworks } from '../../../support/network-namespace.ts'
import { asNobody, canBeNobody } from '../../../support/nobody.ts'
import { Sockctl, sockctl } from '../../../support/sockctl.ts'
import {
  hasTroubledNetwork,
  type TroubledNetwork,
  troubledNetwork,
} from '../../../support/troubled-network.ts'

describe.skipIf(!hasTroubledNetwork)('sockctl inspect --leaks', () => {
  let network: TroubledNetwork

  beforeAll(async () => {
    network = await troubledNetwork()
  }, 30_000)

  afterAll(() => network.close())

  const leaks = (...argv: string[]) =>
    sockctl(['inspect', '--leaks', ...argv], { through: network.inside })

  it('sees none where there is none', async () => {
    const { code, stdout, stderr } = await leaks('--interval', '100ms')
    expect(stdout).toBe('no leak: no process holds a socket whose peer has closed it\n')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.skipIf(!canNameNetworks)('does not take what it cannot look into for none', async () => {
    const name = `sockctl-leaks-${process.pid}`
    execFileSync('ip', ['netns', 'add', name])
    try {
      const argv = ['--leaks', '--netns', 'all', '--port', '1', '--interval', '100ms']
      const { code, stdout, stderr } = await sockctl(['inspect', ...argv], { through: asNobody() })
      expect(stdout).toBe(
        'no leak seen, but not everything could be: no process that can be seen holds a socket whose peer has closed it\n',
      )
      expect(stderr).toContain(`cannot look into the network namespace ${name}`)
      expect(code).toBe(8)
    } finally {
      execFileSync('ip', ['netns', 'del', name])
    }
  })

  it('tells connections that were never accepted from a leak', async () => {
    await network.make('unaccepted 4')
    const { code, stdout } = await leaks('--interval', '100ms')
    expect(stdout).toContain(
      `python3 (pid ${network.hungPid}): 4 CLOSE_WAIT on port ${network.hung} were never accepted.`,
    )
    expect(stdout).toMatch(
      new RegExp(`\\n\\nSee who does not accept: sockctl inspect ${network.hung}\\n$`),
    )
    expect(code).toBe(0)
  })

  it('takes a few that stay for no leak, and --max for the measure', async () => {
    await network.make('leak 5')
    expect((await leaks('--interval', '100ms')).code).toBe(0)
    expect((await leaks('--interval', '0', '--max', '5')).code).toBe(0)
    const { code, stdout } = await leaks('--interval', '0', '--max', '4')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^python3 \(pid \d+\) leaks sockets: 5 CLOSE_WAIT\./)
  })

  it('names who leaks, how fast within a tenth, and how long the descriptors last', async () => {
    await network.make('leak-rate 20')
    const { code, stdout } = await leaks('--watch', '1500ms', '--count', '2', '--json')
    await network.make('leak-rate 0')
    expect(code).toBe(1)
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    expect(last).toMatchObject({ event: 'leaks', schema: 1 })
    const [leak] = last.leaks
    expect(leak).toMatchObject({ kind: 'close-wait', isLeak: true, pid: network.leakyPid })
    // All but the user, who stands for a process that is hidden.
    const keys = PILE_FIELDS.map(({ key }) => key).filter(key => key !== 'uid')
    expect(keys).toEqual(Object.keys(leak))
    expect(PEER_FIELDS.map(({ key }) => key)).toEqual(Object.keys(leak.peers[0]))
    expect(leak.perSecond).toBeGreaterThan(18)
    expect(leak.perSecond).toBeLessThan(22)
    const left = (leak.descriptorLimit - leak.openDescriptors) / leak.perSecond
    expect(Math.abs(leak.secondsLeft - left)).toBeLessThanOrEqual(1)
    expect(leak.peers).toEqual([
      { direction: 'incoming', peer: '127.0.0.1', localPort: network.leaky, count: leak.count },
    ])
  })

  it('says it to people in words that fit a terminal, and advises no setting', async () => {
    await network.make('leak 30')
    const { code, stdout } = await leaks('--interval', '200ms')
    expect(code).toBe(1)
    expect(stdout).toMatch(/ CLOSE_WAIT in [\d.]+ m?s, \d+ in all\.$/m)
    expect(stdout).toContain('the kernel keeps none')
    expect(stdout).toContain('No kernel setting fixes this.')
    expect(stdout).not.toMatch(/sysctl|keepalive/)
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  it('names who keeps half-closed sockets', async () => {
    await network.make('half 25')
    const { leaks: piles } = JSON.parse((await leaks('--interval', '100ms', '--json')).stdout)
    expect(piles).toContainEqual(
      expect.objectContaining({
        kind: 'fin-wait-2',
        isLeak: true,
        pid: network.clientPid,
        count: 25,
        peers: [{ direction: 'outgoing', peer: `127.0.0.1:${network.leaky}`, count: 25 }],
      }),
    )
  })

  it.skipIf(!canBeNobody)('says how to see the owners that it hides', async () => {
    const argv = ['inspect', '--leaks', '--interval', '100ms']
    const { code, stdout, stderr } = await sockctl(argv, { through: asNobody(network.inside) })
    expect(stdout).toContain('a hidden process of user 0 root ')
    expect(stderr).toMatch(
      /^\d+ owners hidden \(root \d+\)\nSee them: sudo env "PATH=\$PATH" (?:npx )?sockctl inspect --leaks --interval 100ms\n$/,
    )
    expect(code).toBe(1)
  })

  it('goes on until Ctrl-C', async () => {
    const argv = ['inspect', '--leaks', '--watch', '100ms', '--ndjson']
    await using watching = new Sockctl(argv, { through: network.inside })
    await watching.says('stdout', /"leaks"(?:.*\n){2}/)
    watching.child.kill('SIGINT')
    expect(await watching.outcome()).toMatchObject({ code: 130, stderr: '' })
  })
})
