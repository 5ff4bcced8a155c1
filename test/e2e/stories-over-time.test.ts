import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sockctl, sockctl } from '../support/sockctl.ts'
import { adviceOf, answerOf, TYPED_BY_HAND } from '../support/story.ts'
import {
  hasTroubledNetwork,
  type TroubledNetwork,
  troubledNetwork,
} from '../support/troubled-network.ts'

describe.skipIf(!hasTroubledNetwork)('what grows until it breaks', () => {
  let network: TroubledNetwork

  beforeAll(async () => {
    network = await troubledNetwork()
  }, 30_000)

  afterAll(() => network.close())

  const through = () => ({ through: network.inside, env: TYPED_BY_HAND })

  describe('production leaks CLOSE_WAIT', () => {
    beforeAll(async () => {
      await network.make('leak 30')
      await network.make('unaccepted 4')
      await network.make('leak-rate 20')
    })

    afterAll(() => network.make('leak-rate 0'))

    it('names who leaks and how fast, beside who does not accept, and ends with no', async () => {
      const argv = ['inspect', '--leaks', '--watch', '1s', '--count', '2', '--json']
      const { code, stdout, stderr } = await sockctl(argv, through())
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
      const events = stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line))
      expect(events).toHaveLength(2)
      const [leak, unaccepted] = events[1].leaks
      expect(leak).toMatchObject({ kind: 'close-wait', isLeak: true, pid: network.leakyPid })
      expect(leak.peers).toEqual([
        { direction: 'incoming', peer: '127.0.0.1', localPort: network.leaky, count: leak.count },
      ])
      expect(Math.abs(leak.perSecond - 20)).toBeLessThanOrEqual(2)
      const secondsLeft = (leak.descriptorLimit - leak.openDescriptors) / leak.perSecond
      expect(Math.abs(leak.secondsLeft - secondsLeft)).toBeLessThanOrEqual(1)
      expect(unaccepted).toMatchObject({
        kind: 'unaccepted',
        isLeak: false,
        pid: network.hungPid,
        count: 4,
      })
    })

    it('says so to people, look after look, and advises no setting of the kernel', async () => {
      const argv = ['inspect', '--leaks', '--watch', '500ms']
      await using watching = new Sockctl(argv, through())
      const [looks] = await watching.says('stdout', /^.*\n\n\d\d:\d\d:\d\d {2}python3[^\n]*\n/s)
      watching.child.kill('SIGINT')
      expect((await watching.outcome()).code).toBe(130)
      expect(answerOf({ stdout: looks })).toMatch(
        new RegExp(
          `^\\d\\d:\\d\\d:\\d\\d {2}python3 \\(pid ${network.leakyPid}\\) leaks sockets: \\+\\d+ CLOSE_WAIT in `,
        ),
      )
      expect(looks).toMatch(/"Too many open files" in about \d+ min at this rate/)
      expect(looks).toContain(`4 CLOSE_WAIT on port ${network.hung} were never accepted.\n`)
      expect(looks).toContain('Not a leak: ')
      expect(looks).toContain('No kernel setting fixes this.\n')
      expect(looks).not.toMatch(/sysctl|tcp_\w+/)
    })

    it('sends to a report that says who does not accept', async () => {
      const report = await sockctl(['inspect', `${network.hung}`], through())
      expect(answerOf(report)).toMatch(/ does not accept: 4 are waiting\.$/)
      expect(report.stdout).toContain('; 4 of them given up by the client\n')
    })

    /** The ends and the inodes of all that is in CLOSE_WAIT: see proc_net_tcp.txt of the kernel. */
    function leaked(): string[] {
      const table = readFileSync(`/proc/${network.leakyPid}/net/tcp`, 'utf8')
      const rows = table.split('\n').map(line => line.trim().split(/ +/))
      const waiting = rows.filter(([, , , state]) => state === '08')
      return waiting
        .map(([, local, remote, , , , , , , inode]) => [local, remote, inode].join(' '))
        .sort()
    }

    it('touches nothing', async () => {
      await network.make('leak-rate 0')
      const before = leaked()
      expect(before.length).toBeGreaterThanOrEqual(30)
      await sockctl(['inspect', '--leaks', '--interval', '100ms'], through())
      expect(leaked()).toEqual(before)
    })
  })

  describe('my load test dies after 28,000 requests', () => {
    beforeAll(async () => {
      await network.make('set ip_local_port_range 40000 41009')
      await network.make('set tcp_tw_reuse 0')
      await network.make('dial-rate 30')
    })

    afterAll(() => network.make('dial-rate 0'))

    it('names the two and the ceiling before it happens, and advises to keep connections', async () => {
      const argv = ['inspect', '--ephemeral', '--watch', '1s', '--count', '2']
      const { code, stdout, stderr } = await sockctl(argv, through())
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const last = stdout.slice(stdout.lastIndexOf('\n\n', stdout.length - 3))
      expect(answerOf({ stdout })).toMatch(
        new RegExp(
          `  Will run out of client ports towards 127\\.0\\.0\\.1:${network.server}: \\d+ new/s of at most 16; `,
        ),
      )
      expect(stdout).toMatch(
        new RegExp(
          `^  127\\.0\\.0\\.1:${network.server} .* python3 \\(pid ${network.clientPid}\\), closes first$`,
          'm',
        ),
      )
      expect(stdout).toContain('  range 40000-41009 = 1,010 ports; TIME_WAIT 60 s\n')
      expect(stdout).toContain('  -> at most 16 new connections/s to one target\n')
      expect(stdout.indexOf('Fix: reuse connections')).toBeGreaterThan(0)
      expect(last).not.toContain('sysctl')
      expect(stdout).toContain('\ntcp_fin_timeout does not shorten TIME_WAIT.\n')
      expect(adviceOf({ stdout })).toMatch(
        /^See them: sockctl inspect state all dst 127\.0\.0\.1:\d+$/,
      )
    })

    it('gives the rate within a tenth, for programs', async () => {
      const argv = ['inspect', '--ephemeral', '--watch', '1s', '--count', '2', '--json']
      const { stdout } = await sockctl(argv, through())
      const { destinations, range } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
      expect(range).toMatchObject({ first: 40_000, last: 41_009, timeWaitSeconds: 60 })
      expect(Math.abs(destinations[0].perSecond - 30)).toBeLessThanOrEqual(3)
      expect(destinations[0].madeBy).toEqual([{ pid: network.clientPid, name: 'python3' }])
    })
  })
})
