import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asNobody, canBeNobody } from '../../../support/nobody.ts'
import { type Outcome, sockctl } from '../../../support/sockctl.ts'
import { hasTakenPorts, type TakenPorts, takenPorts } from '../../../support/taken-ports.ts'

/** Bound without listening, by a process that has nothing else open which no table shows. */
const BOUND = `
import os, socket, time
sock = socket.socket()
sock.bind(('127.0.0.1', 7001))
print(os.getpid(), flush=True)
time.sleep(60)
`
const INSPECT_BOUND = `
ip link set lo up
python3 -c "$1" </dev/null 2>/dev/null | {
  read pid; echo $pid; "$2" bin/sockctl.js inspect 7001 --source procfs; kill $pid; }
`

/** What a server of Node says when it listens there, by address: nothing, or the errno. */
const LISTEN = `
const [port, ...hosts] = process.argv.slice(1)
const { createServer } = require('node:net')
const listen = host => new Promise(resolve => {
  createServer()
    .on('error', ({ code }) => resolve(code))
    .listen({ host, port: Number(port), exclusive: true }, function () {
      this.close(() => resolve(''))
    })
})
const listenAll = async () => {
  const found = []
  for (const host of hosts) found.push(await listen(host))
  console.log(JSON.stringify(found))
}
listenAll()
`

const HOSTS = ['0.0.0.0', '::', '127.0.0.1', '::1']

describe.skipIf(!hasTakenPorts)('a report on a port that is taken', () => {
  let taken: TakenPorts

  beforeAll(async () => {
    taken = await takenPorts()
  }, 20_000)

  afterAll(() => taken.close())

  /** The advice would be for npx, where the tests themselves run in it. */
  const env = { npm_lifecycle_event: '' }
  const inspect = (...argv: string[]): Promise<Outcome> =>
    sockctl(['inspect', ...argv], { through: taken.inside, env })
  const portOf = (name: string): string => `${taken.ports[name]}`
  const pidOf = (name: string): number => taken.pids[name] ?? taken.pid

  it.each([
    ['listener', 'Port {port} is held by python3 (pid {pid}) of your project "sockctl", up '],
    ['every-address', 'Port {port} is held by python3 (pid {pid})'],
    ['dual-stack', 'Port {port} is held by python3 (pid {pid})'],
    ['only-ipv6', 'Port {port} is held by python3 (pid {pid})'],
    ['reuse-port', 'Port {port} has 2 listeners; the kernel splits connections (SO_REUSEPORT).'],
    [
      'shadowed',
      'localhost:{port} has 2 different servers, on 127.0.0.1 and ::1: a browser and Node',
    ],
    ['bound', 'which does not keep a server from listening.'],
    ['bound-plain', 'Port {port} is taken, but nobody listens: python3 (pid {pid})'],
    ['accepted', 'which does not keep a server from listening.'],
    ['accepted-plain', 'Port {port} has no listener any more, but python3 (pid {pid})'],
    ['time-wait', 'which does not keep a server from listening.'],
    [
      'time-wait-plain',
      'Port {port} has no listener, and cannot be bound yet: the kernel keeps 1 conn',
    ],
    [
      'outgoing',
      'Port {port} is taken, but not by a listener: an outgoing connection of python3 (pid {pid})',
    ],
    ['udp', '; on TCP nobody has it.'],
    ['inherited', ', which inherited the socket: the program that opened it has ended.'],
    ['stopped', ' is stopped and does not accept: 6 are waiting.'],
    ['half-stopped', 'Port {port} is held by python3 (pid {pid})'],
    ['waiting', ' does not accept: 1 is waiting.'],
    ['unclosed-many', 's, and has not closed 24 connections that its clients have.'],
    [
      'docker-proxy',
      'Port {port} is published by a Docker container at 172.17.0.2; python3 (pid {pid}) only',
    ],
    ['nobody', 'Nothing holds port {port}: a server can listen on it.'],
  ])('answers for %s', async (name, expected) => {
    const { code, stdout, stderr } = await inspect(portOf(name))
    const [answer] = stdout.split('\n')
    expect(answer).toContain(
      expected.replace('{port}', portOf(name)).replace('{pid}', `${pidOf(name)}`),
    )
    expect(stderr).toBe('')
    expect(code).toBe(['nobody', 'time-wait'].includes(name) ? 1 : 0)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^[A-Z][^:]+: +\S/)
  })

  it('finds by binding what a server of Node finds by listening', async () => {
    const [enter = '', ...rest] = taken.inside
    const listen = (port: number): string[] => {
      const argv = [process.execPath, '-e', LISTEN, `${port}`, ...HOSTS]
      return JSON.parse(execFileSync(enter, [...rest, ...argv], { encoding: 'utf8' }))
    }
    const found: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const [name, port] of Object.entries(taken.ports)) {
      const before = listen(port)
      const { report } = JSON.parse((await inspect(`${port}`, '--json')).stdout)
      // TIME_WAIT may be over meanwhile.
      if (name.startsWith('time-wait') && `${before}` !== `${listen(port)}`) continue
      found[name] = report.binds.map(({ errno }: Bind) => errno ?? '')
      expected[name] = before
    }
    expect(found).toEqual(expected)
    expect(expected).toMatchObject({
      'bound-plain': ['EADDRINUSE', 'EADDRINUSE', 'EADDRINUSE', ''],
      nobody: ['', '', '', ''],
    })
  }, 90_000)

  interface Bind {
    readonly host: string
    readonly errno?: string
  }

  it('never says that a port is free, whatever a bind says', async () => {
    for (const name of ['bound-plain', 'time-wait-plain', 'outgoing']) {
      expect((await inspect(portOf(name))).stdout).not.toMatch(/is free/)
      expect((await inspect(portOf(name), '--source', 'procfs')).stdout).not.toMatch(/is free/)
    }
  })

  it('names who may have bound a port that no table shows', async () => {
    const { code, stdout } = await inspect(portOf('bound-plain'), '--source', 'procfs')
    expect(stdout).toMatch(
      /^Port \d+ is taken, though no table shows by whom: .*python3 \(pid \d+\)/,
    )
    expect(stdout).toContain(`pid ${taken.pid}`)
    expect(code).toBe(0)
  })

  it.each([
    [
      'udp-and-bound',
      /^Port \d+ is held for UDP by .*\. But binding 0\.0\.0\.0, :: and 127/,
      '127',
    ],
    ['time-wait-and-bound', /^Port \d+ has no listener: the kernel still keeps 1 .*\. But /, '::1'],
    ['listener-and-bound', /^Port \d+ is held by python3 .*\. But binding ::1 is refused/, '::1'],
  ])('says what no table shows beside what one shows: %s', async (name, expected, host) => {
    const { code, stdout } = await inspect(portOf(name), '--source', 'procfs')
    const [answer] = stdout.split('\n')
    expect(answer).toMatch(expected)
    expect(answer).toContain(`${host}`)
    expect(answer).toContain('is refused, though no table shows who has it: ')
    expect(answer).toMatch(/python3 \(pid \d+\)/)
    expect(answer).not.toMatch(/on TCP nobody|is free|does not keep a server/)
    expect(code).toBe(0)
    const { report } = JSON.parse(
      (await inspect(portOf(name), '--source', 'procfs', '--json')).stdout,
    )
    expect(report.unseen).toContain(host === '127' ? '127.0.0.1' : host)
    expect(report.candidates).toContainEqual({ pid: taken.pid, name: 'python3' })
  })

  it("does not take what is only the kernel's for the whole truth where more may be hidden", async () => {
    const { stdout } = await inspect(portOf('time-wait-plain'), '--source', 'procfs')
    expect(stdout).toMatch(
      /^Port \d+ has no listener, and cannot be bound yet: the kernel keeps 1 /,
    )
    expect(stdout).toMatch(/\n {2}perhaps +python3 \(pid \d+\).* in no table/)
  })

  it('looks for them by what was read, not by what another source would show', () => {
    const argv = ['-n', 'sh', '-c', INSPECT_BOUND, 'sh', BOUND, process.execPath]
    const output = execFileSync('unshare', argv, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [pid, answer] = output.split('\n')
    // The shells have the pipes of the test, which are sockets of another namespace.
    expect(answer).toMatch(
      /^Port 7001 is taken, though no table shows by whom: .* probably bound it/,
    )
    expect(answer).toContain(`python3 (pid ${pid})`)
  })

  it('leaves the trial out with --no-bind, and then promises nothing', async () => {
    const { code, stdout } = await inspect(portOf('nobody'), '--no-bind')
    expect(stdout).toMatch(/^Nothing is seen to hold port \d+; no bind has shown that\.\n/)
    expect(stdout).not.toContain('to listen')
    expect(code).toBe(1)
  })

  it('tells how to stop it by the port, which --free takes', async () => {
    const { stdout } = await inspect(`127.0.0.1:${portOf('listener')}`)
    expect(stdout).toContain(`sockctl inspect ${portOf('listener')} --free\n`)
  })

  it('asks about one address', async () => {
    const port = portOf('shadowed')
    expect((await inspect(`[::1]:${port}`)).stdout).toContain(`(pid ${taken.pids.shadowed})`)
    expect((await inspect(`127.0.0.1:${port}`)).stdout).toContain(`(pid ${taken.pid})`)
    expect((await inspect(`localhost:${port}`)).stdout).toContain('has 2 different servers')
    const elsewhere = await inspect(`127.0.0.1:${portOf('only-ipv6')}`)
    expect(elsewhere.stdout).toContain('works on 127.0.0.1')
    const foreign = await inspect(`203.0.113.1:${port}`)
    expect(foreign.stdout).toMatch(/^No interface of this machine has the address 203\.0\.113\.1/)
    expect(foreign.code).toBe(1)
  })

  it('asks about one address however it is written', async () => {
    const port = portOf('shadowed')
    const long = await inspect(`[0:0:0:0:0:0:0:1]:${port}`)
    expect(long.stdout).toContain(`[::1]:${port} is held by python3 (pid ${taken.pids.shadowed})`)
    const mapped = await inspect(`[::ffff:127.0.0.1]:${port}`)
    expect(mapped.stdout).toContain(`127.0.0.1:${port} is held by python3 (pid ${taken.pid})`)
  })

  it('leaves IPv4 to others where one listens on IPv6 only', async () => {
    const port = portOf('only-ipv6')
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const { code, stdout } = await inspect(`${host}:${port}`)
      // Other tests have namespaces of their own, with the same ports.
      expect(stdout).toMatch(
        /^Nothing holds \S+(?:: a server can listen on it| here; python3 .*)\.\n/,
      )
      expect(code).toBe(1)
    }
    expect((await inspect(`[::]:${port}`)).stdout).toContain('is held by python3')
    expect((await inspect(`127.0.0.1:${portOf('dual-stack')}`)).stdout).toContain('is held by')
    expect((await inspect(`0.0.0.0:${portOf('shadowed')}`)).stdout).toContain(`(pid ${taken.pid})`)
  })

  it('asks about a link-local address with its interface, by name or number', async () => {
    const port = portOf('link-local')
    for (const zone of ['lo', '1']) {
      const { code, stdout } = await inspect(`[fe80::1%${zone}]:${port}`)
      expect(stdout).toContain(`[fe80::1%${zone}]:${port} is held by python3 (pid ${taken.pid})`)
      expect(stdout).toContain(`address in use (EADDRINUSE) on fe80::1%${zone}`)
      expect(code).toBe(0)
    }
    const free = await inspect(`[fe80::1%lo]:${portOf('nobody')}`)
    expect(free.stdout).toContain(': a server can listen on it.')
    const nowhere = await inspect(`[fe80::1%nope]:${port}`)
    expect(nowhere.stdout).toMatch(/^No interface of this machine has the address fe80::1%nope/)
  })

  it('says when it could not be tried, and why', async () => {
    const { code, stdout } = await inspect(`[fe80::1]:${portOf('nobody')}`)
    expect(stdout).toMatch(
      /^Nothing is seen to hold \[fe80::1\]:\d+, but whether a server can listen on it could not be tried: a link-local address needs its interface, as in fe80::1%eth0 \(EINVAL\)\.\n/,
    )
    expect(stdout).toContain('  to listen  could not be tried on fe80::1 (EINVAL)')
    expect(stdout).not.toContain('sockctl serve')
    expect(code).toBe(1)
  })

  it('marks a server whose folder was deleted, also in the overview', async () => {
    const port = portOf('deleted-folder')
    const { stdout } = await inspect(port)
    expect(stdout).toMatch(
      /\n {2}folder +\/\S*\/sockctl-gone-\w+ was deleted or replaced since: an old copy runs\n/,
    )
    const { report } = JSON.parse((await inspect(port, '--json')).stdout)
    expect(report.holders[0].process).toMatchObject({ isFolderDeleted: true })
    const row = (await inspect()).stdout.split('\n').find(line => line.startsWith(`${port} `))
    expect(row).toContain('its folder was deleted')
    const other = JSON.parse((await inspect(portOf('listener'), '--json')).stdout)
    expect(other.report.holders[0].process).toMatchObject({ isFolderDeleted: false })
  })

  it('marks the old copy among several listeners', async () => {
    const { stdout } = await inspect(portOf('deleted-folder-shared'))
    const lines = stdout
      .split('\n')
      .filter(line => line.includes('an old copy: its folder was deleted'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`(pid ${taken.pids['deleted-folder-shared']})`)
  })

  it('says in what way a stopped one is resumed, and who waits', async () => {
    const { stdout } = await inspect(portOf('stopped'))
    expect(stdout).toContain('  state ')
    expect(stdout).toContain('6 waiting to be accepted, of at most 16; 1 of them given up')
    expect(stdout).toMatch(new RegExp(`\nResume it: +kill -CONT ${taken.pids.stopped}\n$`))
  })

  it('does not advise to stop a proxy of Docker', async () => {
    const { stdout } = await inspect(portOf('docker-proxy'))
    expect(stdout).not.toContain('--free')
    expect(stdout).toMatch(/docker ps --filter publish=\d+\n$/)
  })

  it('names the container, and how it is stopped, where an engine answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sockctl-docker-'))
    const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' }
    const config = { Image: 'nginx:1.27', Labels: labels }
    const one = { Id: 'ab'.repeat(32), Name: '/web-1', State: { Pid: 1 }, Config: config }
    const engine = createServer(({ url }, response) => {
      response.end(JSON.stringify(url?.includes('filters=') ? [one] : one))
    }).listen(join(folder, 'docker.sock'))
    await once(engine, 'listening')
    const { stdout } = await sockctl(['inspect', portOf('docker-proxy')], {
      through: taken.inside,
      env: { ...env, DOCKER_HOST: `unix://${folder}/docker.sock` },
    })
    expect(stdout).toContain(
      'published by the container "web-1" (nginx:1.27), compose project "shop"',
    )
    expect(stdout).toMatch(/\nStop it: +docker compose -p shop stop web\n$/)
    engine.close()
    rmSync(folder, { recursive: true })
  })

  it('shows what a process chose for itself as text', async () => {
    const { stdout } = await inspect(portOf('hostile'))
    const [answer = ''] = stdout.split('\n')
    expect(answer).toContain(`"\\x1b[2Jx pid=1" (pid ${taken.pids.hostile}) of your project "shop"`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(stdout.split('\n').filter(line => line.startsWith('  listens'))).toHaveLength(1)
    const overview = (await inspect()).stdout.split('\n')
    expect(overview.filter(line => line.includes('evil'))).toHaveLength(1)
    expect(
      JSON.parse((await inspect(portOf('hostile'), '--json')).stdout).report.holders[0],
    ).toMatchObject({
      process: { name: '\u001b[2Jx pid=1', project: { name: 'shop' } },
    })
  })

  it('reports what a process has open, and with whom', async () => {
    const { code, stdout } = await inspect(`pid:${taken.pid}`)
    expect(stdout).toMatch(
      /^python3 \(pid \d+\), your project "sockctl", still has \d+ sockets open: /,
    )
    expect(stdout).toMatch(
      new RegExp(`\n  -> .* 127\\.0\\.0\\.1:${portOf('door')}  python3 \\(pid`),
    )
    expect(stdout).toMatch(new RegExp(`\n  <- .* on :${portOf('door')}\\b`))
    expect(code).toBe(0)
  })

  it.each([
    ['unclosed', '1 connection '],
    ['unclosed-many', '24 connections '],
  ])('counts what a server has not closed: %s', async (name, count) => {
    const { stdout } = await inspect(portOf(name))
    expect(stdout).toContain(`\n  not closed  ${count}that the client has closed, and`)
    expect(stdout).toMatch(/\nDoes it leak: +sockctl inspect \d+ --leaks\n$/)
    const { report } = JSON.parse((await inspect(portOf(name), '--json')).stdout)
    expect(report.unclosed).toBe(Number.parseInt(count, 10))
  })

  it('finds what only one thread of a process has open', async () => {
    const port = portOf('thread')
    const { code, stdout } = await inspect(`pid:${taken.pids.thread}`)
    expect(stdout).toContain(`\n  listens      127.0.0.1:${port}, only from this machine\n`)
    expect(code).toBe(0)
    expect((await inspect('python3')).stdout).toContain(`listens on ${port}  `)
  })

  it('lists several processes of a name', async () => {
    const { code, stdout } = await inspect('python3')
    expect(stdout).toMatch(/^\d+ processes named python3 hold sockets\.\n/)
    expect(stdout).toContain(`listens on ${portOf('stopped')}  `)
    expect(stdout).toMatch(/\nPick one: +sockctl inspect pid:\d+\n$/)
    expect(code).toBe(0)
  })

  it('finds no conflict in another network namespace, and says who is there', async () => {
    const { stdout, code } = await sockctl(['inspect', portOf('only-ipv6')], { env })
    // Unless somebody has that port out here just now.
    if (code === 1) {
      expect(stdout).toMatch(
        new RegExp(
          `^Nothing holds port \\d+ here; python3 \\(pid ${taken.pid}\\) has it in the network`,
        ),
      )
    }
    const untried = await sockctl(['inspect', portOf('only-ipv6'), '--no-bind'], { env })
    if (untried.code === 1)
      expect(untried.stdout).toMatch(/^Nothing is seen to hold port \d+ here;/)
    const inThere = await sockctl(['inspect', portOf('listener'), '--netns', `${taken.pid}`], {
      env,
    })
    expect(inThere.stdout).toMatch(/^Port \d+ is held by python3/)
    expect(inThere.stdout).not.toContain('to listen')
  })

  it.skipIf(process.getuid?.() !== 0)(
    'goes on in the network that it was asked about',
    async () => {
      const there = ['--netns', `${taken.pid}`]
      const port = portOf('listener')
      const next = async (...argv: string[]): Promise<string[]> => {
        const { stdout } = await sockctl(['inspect', ...argv, '--json'], { env })
        const { report } = JSON.parse(stdout) as { report: { next: { command: string }[] } }
        return report.next.map(({ command }) => command)
      }
      const [table, stop = ''] = await next(port, ...there)
      expect(table).toBe(`sockctl inspect --port ${port} ${there.join(' ')}`)
      expect(stop).toMatch(new RegExp(`^nsenter -t \\d+ -n sockctl inspect ${port} --free$`))
      const through = stop.split(' ').slice(0, 4)
      const pid = through[2] ?? ''
      const dry = await sockctl(['inspect', port, '--free', '--dry-run'], { through })
      expect(dry.stderr).toContain(`SIGTERM would be sent to python3 (pid ${pid})`)
      expect(dry.code).toBe(0)
      const [sockets = ''] = await next(`pid:${pid}`)
      expect(sockets).toBe(`sockctl inspect --pid ${pid} --netns ${pid}`)
      const list = await sockctl(sockets.split(' ').slice(1), { env })
      expect(list.stdout).toContain(`:${port} `)
      expect(await next('@no-such', ...there)).toEqual([`sockctl inspect -xlp ${there.join(' ')}`])
    },
  )

  describe.skipIf(!canBeNobody)('as nobody', () => {
    const inspectAsNobody = (...argv: string[]): Promise<Outcome> =>
      sockctl(['inspect', ...argv], { through: asNobody(taken.inside), env })

    it('says whose the hidden holder is, and how to see it', async () => {
      const { code, stdout } = await inspectAsNobody(portOf('listener'))
      expect(stdout).toMatch(/^Port \d+ is held by a process of user root, whose pid is hidden/)
      expect(stdout).toMatch(/\nSee the owner: sudo env "PATH=\$PATH" sockctl inspect \d+\n$/)
      expect(code).toBe(8)
      const { report } = JSON.parse((await inspectAsNobody(portOf('listener'), '--json')).stdout)
      expect(report.holders).toMatchObject([{ ownership: 'hidden', uid: 0, user: 'root' }])
    })

    it('explains why a port may not be bound though nobody has it', async () => {
      const { code, stdout } = await inspectAsNobody('1')
      expect(stdout).toContain('but you may not listen on it: ports below 1024 are for root.')
      expect(stdout).toContain('sudo sysctl net.ipv4.ip_unprivileged_port_start=1')
      expect(code).toBe(1)
    })

    it('does not say that a unix socket is missing, or gone, in a folder that is closed to it', async () => {
      const closed = mkdtempSync(join(tmpdir(), 'sockctl-closed-'))
      const path = join(closed, 'door')
      const { code, stdout } = await inspectAsNobody(path)
      expect(stdout).toContain(
        `You may not look at ${path}: a folder on the way is closed to you.\n`,
      )
      expect(stdout).toMatch(/\nSee more: sudo env "PATH=\$PATH" sockctl inspect \S+\n$/)
      expect(code).toBe(8)
      const server = createServer().listen(path)
      await once(server, 'listening')
      const alive = await sockctl(['inspect', path], { through: asNobody(), env })
      server.close()
      rmSync(closed, { recursive: true })
      expect(alive.stdout).toMatch(/door is held by a process of user root, whose pid is hidden/)
      expect(alive.code).toBe(8)
    })

    it('may not look into a process of another user', async () => {
      const { code, stderr } = await inspectAsNobody(`pid:${taken.pid}`)
      expect(stderr).toContain(`cannot look into process ${taken.pid}`)
      expect(stderr).toContain(`sockctl inspect pid:${taken.pid}`)
      expect(code).toBe(8)
    })
  })
})
