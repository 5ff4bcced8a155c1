import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPeer } from '../support/peers.ts'
import { endPortHoldersAfterEach, holdPort } from '../support/port-holder.ts'
import { type Outcome, sockctl } from '../support/sockctl.ts'
import { adviceOf, answerOf, factOf, TYPED_BY_HAND } from '../support/story.ts'
import { hasTakenPorts, type TakenPorts, takenPorts } from '../support/taken-ports.ts'

describe.skipIf(!hasTakenPorts)('a port that is taken', () => {
  let taken: TakenPorts

  beforeAll(async () => {
    taken = await takenPorts()
  }, 20_000)

  afterAll(() => taken.close())

  endPortHoldersAfterEach()

  function inspect(target: string, { as = [] as readonly string[] } = {}): Promise<Outcome> {
    const through = [...taken.inside, ...as]
    return sockctl(['inspect', target], { through, env: TYPED_BY_HAND })
  }
  const portOf = (name: string): string => `${taken.ports[name]}`

  describe('EADDRINUSE, but nothing listens', () => {
    it.each([
      [
        'bound-plain',
        / is taken, but nobody listens: python3 \(pid \d+\) .* bound it without listening\.$/,
        /^ {2}bound +127\.0\.0\.1:{port}$/m,
        'Stop it: sockctl inspect {port} --free',
      ],
      [
        'outgoing',
        / is taken, but not by a listener: an outgoing connection of python3 \(pid \d+\) /,
        /^ {2}why +the kernel lends the ports \d+-\d+ to outgoing connections$/m,
        'Reserve it: sudo sysctl net.ipv4.ip_local_reserved_ports={port}',
      ],
      [
        'inherited',
        / is held by sleep \(pid \d+\) .*, which inherited the socket: the program that opened it has ended\.$/,
        /^ {2}command +sleep 600$/m,
        'Stop it: sockctl inspect {port} --free',
      ],
      [
        'time-wait-plain',
        / has no listener, and cannot be bound yet: the kernel keeps 1 connection, for at most (?:1 m 0|\d+) s more\.$/,
        /^ {2}lingering +1 connection that only the kernel still has; the last is over in \d+ s$/m,
        'Look again: sockctl inspect {port}',
      ],
      [
        'every-address',
        / is held by python3 \(pid \d+\) /,
        /^ {2}listens +0\.0\.0\.0:{port}, reachable from your network$/m,
        'Stop it: sockctl inspect {port} --free',
      ],
    ])('%s: says why, what it rests on, and what to type', async (name, answer, fact, advice) => {
      const report = await inspect(portOf(name))
      const filledIn = (text: string): string => text.replace('{port}', portOf(name))
      expect(answerOf(report)).toMatch(new RegExp(`^Port ${portOf(name)}${answer.source}`))
      expect(report.stdout).toMatch(new RegExp(filledIn(fact.source), 'm'))
      expect(factOf(report, 'to listen')).toContain('in use (EADDRINUSE) on 0.0.0.0')
      expect(report.stdout).not.toMatch(/is free|can listen on it/)
      expect(adviceOf(report).replace(/: +/, ': ')).toBe(filledIn(advice))
      expect(report).toMatchObject({ code: 0, stderr: '' })
    })

    it('0.0.0.0 and [::]: names the addresses on which another one still fits', async () => {
      const ofIPv6 = await inspect(portOf('only-ipv6'))
      expect(factOf(ofIPv6, 'listens')).toMatch(/^\[::\]:\d+, reachable from your network$/)
      expect(factOf(ofIPv6, 'to listen')).toMatch(/ on :: and ::1; works on 0\.0\.0\.0 and 127/)
      const ofBoth = await inspect(portOf('dual-stack'))
      expect(factOf(ofBoth, 'to listen')).not.toContain('works')
    })
  })

  describe.skipIf(!hasPeer('setpriv'))('I am not root, it is in Docker, it is elsewhere', () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const hidepid = ['unshare', '-m', 'sh', '-c']
    const withHidepid = [...hidepid, 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', '-']

    it.each([
      ['a process of root', nobody, undefined],
      ['/proc hides it', [...withHidepid, ...nobody], '/proc is mounted with hidepid'],
    ])('%s: says whose it is, why it is hidden, and how to see it', async (_, as, why) => {
      const report = await inspect(portOf('listener'), { as })
      expect(answerOf(report)).toBe(
        `Port ${portOf('listener')} is held by a process of user root, whose pid is hidden from you.`,
      )
      expect(factOf(report, 'hidden')).toBe(why)
      expect(adviceOf(report)).toBe(
        `See the owner: sudo env "PATH=$PATH" sockctl inspect ${portOf('listener')}`,
      )
      expect(report).toMatchObject({ code: 8, stderr: '' })
    })

    it('/proc hides all of them: the overview says by what, too', async () => {
      const through = [...taken.inside, ...withHidepid, ...nobody]
      const overview = await sockctl(['inspect'], { through, env: TYPED_BY_HAND })
      expect(overview.stderr).toMatch(/^\d+ owners hidden \(.*\): \/proc is mounted with hidepid$/m)
      expect(overview.stderr).toContain('See them: sudo env "PATH=$PATH" sockctl inspect\n')
    })

    it('a port that Docker publishes: names the container, and spares the proxy', async () => {
      const port = portOf('docker-proxy')
      const report = await inspect(port)
      expect(answerOf(report)).toBe(
        `Port ${port} is published by a Docker container at 172.17.0.2; python3 (pid ${taken.pids['docker-proxy']}) only passes it on.`,
      )
      expect(factOf(report, 'leads to')).toBe('172.17.0.2:80')
      expect(adviceOf(report)).toMatch(new RegExp(`: +docker ps --filter publish=${port}$`))
      expect(report.stdout).not.toMatch(/--free|\bkill\b/)
      const freed = await sockctl(['inspect', port, '--free', '--yes'], { through: taken.inside })
      expect(freed.stderr).toContain('it holds the port for a container, which would lose it')
      expect(freed.stderr).toMatch(/\nIn its place: docker stop [^\n]+\n$/)
      expect(freed.code).toBe(1)
      expect(answerOf(await inspect(port))).toContain('only passes it on')
    })

    it('a port of another network namespace: says where, and that it is in nobody’s way', async () => {
      const { code, stdout } = await sockctl(['inspect', portOf('listener'), '--json'])
      const { answer, next } = JSON.parse(stdout).report
      // Unless somebody out here has that port just now, or has had it.
      if (code === 1 && !answer.includes('the kernel still keeps')) {
        // Other tests have namespaces of their own.
        expect(answer).toMatch(/ here; python3 \(pid \d+\) has it in the network namespace /)
        expect(JSON.stringify(next)).toContain(
          `sockctl inspect --netns all --port ${portOf('listener')}`,
        )
      }
      const inThere = await sockctl(['inspect', portOf('listener'), '--netns', `${taken.pid}`])
      expect(answerOf(inThere)).toContain(`is held by python3 (pid ${taken.pid})`)
    })
  })

  describe('the port is open, but requests hang', () => {
    it('the server was stopped: says so, who waits, and how to resume it', async () => {
      const report = await inspect(portOf('stopped'))
      expect(answerOf(report)).toMatch(/ is stopped and does not accept: 6 are waiting\.$/)
      expect(factOf(report, 'state')).toMatch(/^stopped \(Ctrl-Z or SIGSTOP\)/)
      expect(factOf(report, 'queue')).toContain('6 waiting to be accepted, of at most 16')
      expect(adviceOf(report)).toMatch(new RegExp(`^Resume it: +kill -CONT ${taken.pids.stopped}$`))
      expect(report).toMatchObject({ code: 0, stderr: '' })
    })

    it('its event loop is blocked: says that it does not accept, and why', async () => {
      const server = await holdPort([...taken.inside, process.execPath, '-e', BLOCKED])
      const clients = await holdPort([...taken.inside, process.execPath, '-e', CLIENTS])
      const report = await inspect(`${server.port}`)
      expect(answerOf(report)).toMatch(
        new RegExp(`^Port 8080 is open, but node \\(pid ${server.pid}\\) .*: 6 are waiting\\.$`),
      )
      expect(factOf(report, 'clients')).toBe(`6: node (pid ${clients.pid}) x6`)
      expect(adviceOf(report)).toMatch(/: +sockctl inspect 8080 --free$/)
      const { stdout } = await sockctl(['inspect', '8080', '--diagnose', '--interval', '200ms'], {
        through: taken.inside,
      })
      expect(stdout).toContain(`pid ${server.pid} is computing (state R)`)
      expect(stdout).toContain('a blocked event loop')
    })
  })
})

/** Says that it listens, and never looks again. */
const BLOCKED = `
require('node:net').createServer().listen(8080, '127.0.0.1', 5, () => {
  require('node:fs').writeSync(1, '8080\\n')
  for (const end = Date.now() + 60_000; Date.now() < end; );
})
`

const CLIENTS = `
let count = 0
const { connect } = require('node:net')
const done = () => ++count === 6 && console.log(6)
for (let i = 0; i < 6; i++) connect(8080, '127.0.0.1', done).on('error', () => {})
setTimeout(() => {}, 60_000)
`
