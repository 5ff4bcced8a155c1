import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { within } from '../../support/deadline.ts'
import { readAll } from '../../support/read-all.ts'
import { type Sockctl, type SpawnOptions, sockctl, startServe } from '../../support/sockctl.ts'

const running: Sockctl[] = []
const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
  for (const file of readdirSync(folder)) rmSync(join(folder, file), { recursive: true })
})

async function start(argv: readonly string[], options?: SpawnOptions) {
  const started = await startServe(argv, options)
  running.push(started.server)
  return started
}

/** Connects, says something, ends, and tells what came back until the server ended too. */
async function ask(port: number, text: string | Buffer, host = '127.0.0.1'): Promise<string> {
  const socket = await open(port, host)
  socket.end(text)
  return (await readAll(socket)).toString()
}

async function open(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true })
  socket.on('error', () => {})
  await within(5000, 'connecting', once(socket, 'connect'))
  return socket
}

describe('sockctl serve', () => {
  it('echoes on both loopbacks, and says so in one line', async () => {
    const { server, port } = await start(['--port', '0'])
    expect(server.stderr).toBe(`echo on tcp://127.0.0.1:${port} and tcp://[::1]:${port}\n`)
    expect(await ask(port, 'v4')).toBe('v4')
    expect(await ask(port, 'v6', '::1')).toBe('v6')
  })

  it('logs each connection with bytes, time and who closed how', async () => {
    const { server, port } = await start([])
    await ask(port, '12345')
    const peer = String.raw`127\.0\.0\.1:\d+`
    await server.says('stderr', new RegExp(`#1 open   ${peer}\n`))
    await server.says(
      'stderr',
      new RegExp(`#1 close  ${peer}  in 5 B  out 5 B  [\\d.]+ m?s  FIN by peer\n`),
    )
    expect(server.stdout).toBe('')
  })

  it('calls a peer without a name what it is', async () => {
    const path = join(folder, 's')
    const { server } = await start(['--unix', path])
    const socket = connect(path).end('x')
    await readAll(socket)
    await server.says('stderr', /^#1 open {3}a unix peer$/m)
    await server.says('stderr', /^#1 close {2}a unix peer {2}in 1 B/m)
  })

  it('writes events as JSON, one per line', async () => {
    const { server, port } = await start(['--json', '-4'])
    await ask(port, 'x')
    await server.says('stdout', /"close"/)
    const [listening, opened, closed] = server.stdout
      .split('\n')
      .map(line => line && JSON.parse(line))
    const local = { family: 'ipv4', host: '127.0.0.1', port }
    expect(listening).toMatchObject({
      event: 'listening',
      addresses: [local],
      endpoints: [{ scheme: 'tcp', host: local.host, port: local.port }],
    })
    expect(opened).toMatchObject({ event: 'open', id: 1, local })
    expect(closed).toMatchObject({
      event: 'close',
      id: 1,
      bytesIn: 1,
      bytesOut: 1,
      by: 'peer',
      how: 'fin',
    })
    expect(closed.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('says nothing with --quiet', async () => {
    const file = join(folder, 'port')
    const server = await startQuietly(['-q', '--port-file', file], file)
    await ask(Number(readFileSync(file, 'utf8')), 'x')
    server.child.kill('SIGTERM')
    expect(await server.outcome()).toEqual({ code: 143, stdout: '', stderr: '' })
  })

  it.each([
    ['--discard', 'anything', ''],
    ['--reply=hi\\r\\n\\x21', 'anything', 'hi\r\n!'],
  ])('%s', async (flag, sent, received) => {
    const { port } = await start([flag])
    expect(await ask(port, sent)).toBe(received)
  })

  it('replies with a file, and refuses to start without it', async () => {
    const file = join(folder, 'banner')
    writeFileSync(file, 'from a file\n')
    const { port } = await start(['--reply-file', file])
    expect(await ask(port, '')).toBe('from a file\n')
    expect(await sockctl(['serve', '--reply-file', join(folder, 'none')])).toMatchObject({
      code: 3,
    })
  })

  it('sends characters until the peer has enough', async () => {
    const { port } = await start(['--chargen'])
    const socket = await open(port)
    const [chunk] = await once(socket, 'data')
    const [first, second] = String(chunk).split('\r\n')
    expect(first).toHaveLength(72)
    expect(second?.slice(0, 71)).toBe(first?.slice(1))
    socket.destroy()
  })

  it('hangs: accepts, and then nothing, until the idle limit', async () => {
    const { server, port } = await start(['--hang', '--idle', '200ms'])
    const socket = await open(port)
    socket.write('hello?')
    // What was never read makes the end a reset.
    await expect(readAll(socket)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await server.says('stderr', /idle for 200 ms/)
  })

  it('forwards, with the half-close of a client that waits for a late answer', async () => {
    const backend = createServer({ allowHalfOpen: true }, async socket => {
      const question = await readAll(socket)
      setTimeout(() => socket.end(`late answer to ${question}`), 50)
    })
    backend.listen(0, '127.0.0.1')
    await once(backend, 'listening')
    const { port: target } = backend.address() as { port: number }
    const { server, port } = await start(['--forward', `127.0.0.1:${target}`])
    expect(server.stderr).toContain(`forward to tcp://127.0.0.1:${target} on `)
    expect(await ask(port, 'me')).toBe('late answer to me')
    backend.close()
  })

  it('takes turns between several targets, and passes over one that is down', async () => {
    const { port: a } = await start(['--reply', 'a'])
    const { port: b } = await start(['--reply', 'b'])
    const down = await unusedPort()
    const { port } = await start(
      [a, down, b].flatMap(target => ['--forward', `127.0.0.1:${target}`]),
    )
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await ask(port, ''))
    expect(answers.join('')).toBe('abbabb')
  })

  it('turns a connection away when no target can be reached, and says why', async () => {
    const { server, port } = await start(['--forward', `127.0.0.1:${await unusedPort()}`])
    const socket = await open(port)
    await within(
      5000,
      'the end',
      once(socket.resume(), 'close').catch(() => {}),
    )
    await server.says('stderr', /cannot connect to tcp:.*ECONNREFUSED/)
  })

  it('runs a command per connection, whose late output still arrives', async () => {
    const { port } = await start(['--exec', 'sort -r'])
    expect(await ask(port, 'a\nc\nb\n')).toBe('c\nb\na\n')
  })

  it('runs a command line by the shell when told to, and tells it who is there', async () => {
    const { port } = await start(['--shell', '--exec', 'echo $SOCKCTL_REMOTE_ADDR $NCAT_PROTO'])
    expect(await ask(port, '')).toBe('127.0.0.1 TCP\n')
  })

  it('relays what one says to all the others, and never back', async () => {
    const { server, port } = await start(['--relay'])
    const [a, b, c] = [await open(port), await open(port), await open(port, '::1')]
    await server.says('stderr', /#3 open/)
    const [atB, atC] = [once(b, 'data'), once(c, 'data')]
    a.write('hello')
    expect(String(await within(5000, 'b hears', atB))).toBe('hello')
    expect(String(await within(5000, 'c hears', atC))).toBe('hello')
    const atA = once(a, 'data')
    b.write('answer')
    expect(String(await within(5000, 'a hears', atA))).toBe('answer')
    for (const one of [a, b, c]) one.destroy()
  })

  it('shows the bytes of both directions', async () => {
    const { server, port } = await start(['--hex'])
    await ask(port, 'A\x1b')
    await server.says('stderr', /< 00000000 {2}41 1b .*\|A\.\|\n/)
    await server.says('stderr', /> 00000000 {2}41 1b .*\|A\.\|\n/)
  })

  describe('limits', () => {
    it('--once ends with the first connection, exit 0', async () => {
      const { server, port } = await start(['--once'])
      expect(await ask(port, 'x')).toBe('x')
      expect((await server.outcome()).code).toBe(0)
    })

    it('--for ends after its time, exit 0', async () => {
      const { server } = await start(['--for', '100ms'])
      expect((await server.outcome()).code).toBe(0)
    })

    it('--max-conns closes one more at once and says so', async () => {
      const { server, port } = await start(['--max-conns', '1'])
      const first = await open(port)
      const second = await open(port)
      expect((await readAll(second)).length).toBe(0)
      await server.says('stderr', /closed 127\.0\.0\.1:\d+ at once: too many connections/)
      first.destroy()
    })

    it('--rate slows down', async () => {
      const { port } = await start(['--rate', '100KB/s'])
      const startedAt = performance.now()
      expect(await ask(port, Buffer.alloc(20_000, 'x'))).toHaveLength(20_000)
      expect(performance.now() - startedAt).toBeGreaterThan(190)
    })

    it('--max-bytes ends who sends more', async () => {
      const { server, port } = await start(['--max-bytes', '10'])
      expect(await ask(port, '0123456789')).toBe('0123456789')
      const socket = await open(port)
      socket.write('0123456789+')
      await server.says('stderr', /sent more than 10 B/)
    })
  })

  describe('access', () => {
    it('--deny wins over --allow', async () => {
      const { server, port } = await start([
        '--allow',
        '127.0.0.0/8',
        '--deny',
        '127.0.0.1',
        '--public',
      ])
      expect((await readAll(await open(port))).length).toBe(0)
      await server.says('stderr', /not allowed in/)
      const socket = connect({
        port,
        host: '127.0.0.1',
        localAddress: '127.0.0.2',
        allowHalfOpen: true,
      })
      socket.end('x')
      expect((await readAll(socket)).toString()).toBe('x')
    })
  })

  describe('for scripts', () => {
    it('replaces the port file of an earlier run, and removes its own at the end', async () => {
      const file = join(folder, 'port')
      writeFileSync(file, '1\n')
      const { server, port } = await start(['--port-file', file])
      await expect.poll(() => readFileSync(file, 'utf8')).toBe(`${port}\n`)
      server.child.kill('SIGTERM')
      await server.outcome()
      expect(readdirSync(folder)).toEqual([])
    })

    it('leaves the port file of a server alone that has the port already', async () => {
      const file = join(folder, 'port')
      const { server, port } = await start(['--port-file', file])
      const second = await sockctl(['serve', '--port', `${port}`, '--port-file', file])
      expect(second.code).toBe(7)
      expect(readFileSync(file, 'utf8')).toBe(`${port}\n`)
      server.child.kill('SIGTERM')
      await server.outcome()
      expect(existsSync(file)).toBe(false)
    })

    it('leaves the port file alone at the end that another server has put there', async () => {
      const file = join(folder, 'port')
      const { server: first } = await start(['--port-file', file])
      const { port } = await start(['--port-file', file])
      await expect.poll(() => readFileSync(file, 'utf8')).toBe(`${port}\n`)
      first.child.kill('SIGTERM')
      await first.outcome()
      expect(readFileSync(file, 'utf8')).toBe(`${port}\n`)
    })

    it('refuses a port file that is a pipe, before it listens', async () => {
      const pipe = join(folder, 'pipe')
      execFileSync('mkfifo', [pipe])
      const { code, stderr } = await sockctl(['serve', '--port-file', pipe, '--for', '0'])
      expect(stderr).toBe(
        `sockctl: cannot replace the port file ${pipe}: that is not a regular file\n`,
      )
      expect(code).toBe(2)
    })

    it('refuses a port file that is a folder, or lies in a file', async () => {
      const file = join(folder, 'file')
      writeFileSync(file, 'kept\n')
      const inFolder = await sockctl(['serve', '--port-file', folder, '--for', '0'])
      expect(inFolder).toMatchObject({ code: 2 })
      expect(inFolder.stderr).toBe(
        `sockctl: cannot replace the port file ${folder}: that is a folder\n`,
      )
      expect(await sockctl(['serve', '--port-file', join(file, 'x'), '--for', '0'])).toMatchObject({
        code: 3,
      })
      expect(readFileSync(file, 'utf8')).toBe('kept\n')
    })

    it('writes the port to a descriptor and closes it', async () => {
      const child = spawn(process.execPath, ['bin/sockctl.js', 'serve', '-q', '--ready-fd', '3'], {
        stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      })
      const ready = child.stdio[3] as Socket
      const port = Number(await readAll(ready))
      expect(await ask(port, 'x')).toBe('x')
      child.kill('SIGTERM')
      await once(child, 'exit')
    })

    it('leaves stdout open when the port was written there', async () => {
      const { server } = await start(['--ready-fd', '1', '--json'])
      const [, port] = await server.says('stdout', /^(\d+)$/m)
      expect(await ask(Number(port), 'x')).toBe('x')
      await server.says('stdout', /"close"/)
    })

    it.runIf(process.platform === 'linux')(
      'refuses a descriptor that is not open for writing, before it listens',
      async () => {
        // From 3 on some are open that are Node's own: epoll instances, and pipes to itself.
        const numbers = ['0', '3', '4', '5', '6', '7', '8', '9', '99', '2147483648', '99999999999']
        const through = ['sh', '-c', 'exec "$@" < /dev/null', 'sh']
        for (const number of numbers) {
          const argv = ['serve', '--json', '--for', '0', '--ready-fd', number]
          expect(await sockctl(argv, { through })).toEqual({
            code: 2,
            stdout: '',
            stderr: `sockctl: option --ready-fd <n>: descriptor ${number} is not open for writing\n  The shell opens it: sockctl serve --ready-fd 3 3> file\n`,
          })
        }
      },
    )

    it('lives as long as the command after --, and exits with its code', async () => {
      const script = `
        const socket = require('net').connect(process.env.SOCKCTL_PORT, process.env.SOCKCTL_HOST)
        socket.end(process.env.SOCKCTL_URL)
        socket.pipe(process.stdout)
        socket.on('close', () => { process.exitCode = 5 })`
      const { code, stdout } = await sockctl(['serve', '--', process.execPath, '-e', script])
      expect(code).toBe(5)
      expect(stdout).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
    })

    it('passes a signal on to that command and exits with its code', async () => {
      const script =
        'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1e6); console.log("up")'
      const { server } = await start(['--', process.execPath, '-e', script])
      await server.says('stdout', /up/)
      server.child.kill('SIGTERM')
      expect((await server.outcome()).code).toBe(9)
    })

    it('asks that command to stop when the time is up, and exits with its code', async () => {
      const script =
        'process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1e6); console.log("up")'
      const { server } = await start(['--for', '1s', '--', process.execPath, '-e', script])
      await server.says('stdout', /up/)
      await server.says('stderr', /^time is up: stopping \S*node$/m)
      expect((await server.outcome()).code).toBe(9)
    })

    it('kills that command when it outlives the time of grace', async () => {
      const script = 'trap "" TERM; echo up; while :; do sleep 0.1; done'
      const limits = ['--for', '500ms', '--grace', '200ms']
      const { server } = await start([...limits, '--', 'sh', '-c', script])
      expect((await server.outcome()).code).toBe(137)
      expect(server.stdout).toBe('up\n')
    })

    it('does not wait for the time when that command ends before', async () => {
      const { server } = await start(['--for', '1m', '--', 'true'])
      expect((await server.outcome()).code).toBe(0)
      expect(server.stderr).not.toContain('time is up')
    })

    it('refuses a -- that no command follows', async () => {
      const { code, stderr } = await sockctl(['serve', '-q', '--for', '0', '--'])
      expect(stderr).toBe('sockctl: no command follows --\n  As in: sockctl serve -- npm test\n')
      expect(code).toBe(2)
    })

    it('refuses an empty command after --', async () => {
      const { code, stderr } = await sockctl(['serve', '-q', '--', ''])
      expect(stderr).toBe('sockctl: the command after -- is empty\n')
      expect(code).toBe(2)
    })

    it('exits 3 when that command does not exist', async () => {
      const { code, stderr } = await sockctl(['serve', '--', 'no-such-command-here'])
      expect(code).toBe(3)
      expect(stderr).toContain('cannot run no-such-command-here')
    })
  })

  describe('stopping', () => {
    it.each([
      ['SIGTERM', 143],
      ['SIGINT', 130],
      ['SIGHUP', 129],
    ] as const)('%s ends it with %i within 200 ms when nobody is there', async (signal, code) => {
      const { server, port } = await start([])
      const startedAt = performance.now()
      server.child.kill(signal)
      expect((await server.outcome()).code).toBe(code)
      expect(performance.now() - startedAt).toBeLessThan(200)
      await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      })
    })

    it('waits for who is there, but not longer than the time of grace', async () => {
      const { server, port } = await start(['--grace', '300ms'])
      await open(port)
      await server.says('stderr', /#1 open/)
      const startedAt = performance.now()
      server.child.kill('SIGTERM')
      await server.says('stderr', /stopping: 1 open, waiting up to 300 ms/)
      expect((await server.outcome()).code).toBe(143)
      expect(performance.now() - startedAt).toBeGreaterThan(290)
    })

    it('leaves at once at the second signal', async () => {
      const { server, port } = await start(['--grace', '1m'])
      await open(port)
      await server.says('stderr', /#1 open/)
      server.child.kill('SIGTERM')
      await server.says('stderr', /stopping/)
      server.child.kill('SIGTERM')
      expect((await server.outcome()).code).toBe(143)
    })
  })

  describe('when the address is taken', () => {
    it('names who holds a port, and where to look', async () => {
      const { server, port } = await start([])
      const { code, stderr } = await sockctl(['serve', '--port', `${port}`])
      expect(code).toBe(7)
      expect(stderr.split('\n')).toEqual([
        `sockctl: cannot listen on tcp://127.0.0.1:${port}: address in use (EADDRINUSE)`,
        `  held by node (pid ${server.child.pid}), listening on 127.0.0.1:${port}`,
        `  See: sockctl inspect ${port}`,
        '',
      ])
    })

    it('replaces a unix socket whose server was killed, but not a living one', async () => {
      const path = join(folder, 'app.sock')
      const { server: first } = await start(['--unix', path])
      const refused = await sockctl(['serve', '--unix', path])
      expect(refused.code).toBe(7)
      expect(refused.stderr).toContain(`held by node (pid ${first.child.pid})`)
      first.child.kill('SIGKILL')
      await once(first.child, 'exit')
      expect(existsSync(path)).toBe(true)
      const { server: second } = await start(['--unix', path])
      second.child.kill('SIGTERM')
      await second.outcome()
      expect(existsSync(path)).toBe(false)
    })

    it('leaves a file alone that is not a socket', async () => {
      const path = join(folder, 'precious')
      writeFileSync(path, 'data')
      const { code, stderr } = await sockctl(['serve', '--unix', path])
      expect(code).toBe(7)
      expect(stderr).toContain('a file that is not a socket stands there')
      expect(readFileSync(path, 'utf8')).toBe('data')
    })

    it("leaves another server's socket file in its place when it ends", async () => {
      const path = join(folder, 'shared.sock')
      const { server } = await start(['--unix', path])
      rmSync(path)
      const other = createServer(socket => socket.end('other')).listen(path)
      await once(other, 'listening')
      server.child.kill('SIGTERM')
      await server.outcome()
      const socket = connect(path)
      expect((await readAll(socket)).toString()).toBe('other')
      other.close()
    })
  })

  it('survives running out of descriptors: turns clients away, says so once, and recovers', async () => {
    const { server, port } = await start([], {
      through: ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh'],
    })
    const sockets = await Promise.all(Array.from({ length: 100 }, () => open(port)))
    const answers = await Promise.all(
      sockets.map(socket => {
        const answered = new Promise<string>(resolve => {
          socket.once('data', chunk => resolve(String(chunk)))
          socket.once('end', () => resolve(''))
          socket.once('error', () => resolve(''))
        })
        socket.write('x')
        return within(5000, 'an answer or an end', answered)
      }),
    )
    const served = answers.filter(answer => answer === 'x').length
    expect(served).toBeGreaterThan(20)
    expect(served).toBeLessThan(64)
    await server.says('stderr', /turning connections away/)
    for (const socket of sockets) socket.destroy()
    await server.says('stderr', new RegExp(`#${served} close`))
    expect(await ask(port, 'again')).toBe('again')
    await server.says('stderr', /accepting connections again/)
    expect(server.stderr.match(/turning connections away/g)).toHaveLength(1)
  })

  it('goes when the npx that started it is killed', async () => {
    const npx = spawn('npx', ['sockctl', 'serve', '--port', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const port = await new Promise<number>((resolve, reject) => {
      let said = ''
      npx.stderr.on('data', chunk => {
        said += chunk
        const match = / on tcp:\/\/\S+:(\d+)/.exec(said)
        if (match !== null) resolve(Number(match[1]))
      })
      npx.once('exit', code => reject(new Error(`npx ended with ${code}: ${said}`)))
    })
    npx.removeAllListeners('exit')
    const socket = await open(port)
    npx.kill('SIGKILL')
    socket.end()
    await expect
      .poll(
        () =>
          once(connect(port, '127.0.0.1'), 'connect').then(
            () => 'open',
            error => error.code,
          ),
        { timeout: 8000 },
      )
      .toBe('ECONNREFUSED')
  })

  describe('bad input', () => {
    it.each([
      [['--echo', '--discard'], 2, /one handler at a time: --echo and --discard/],
      [
        ['--exec', 'no-such-command-here -x'],
        3,
        /cannot run "no-such-command-here": no such command/,
      ],
      [['--exec', "echo 'x"], 2, /a ' never ends/],
      [['--exec', 'cat', '--public'], 2, /--allow/],
      [['--socks-proxy', '--public'], 2, /for anyone on the network\n.*--proxy-auth env:NAME/],
      [['--http-proxy', '--socks-proxy'], 2, /one handler at a time/],
      [['--echo', '--balance', 'hash'], 2, /--balance goes with --forward/],
      [['--echo', '--health', '1s'], 2, /--health goes with --forward/],
      [['--socks-proxy', '--send-proxy', 'v1'], 2, /--send-proxy goes with --forward/],
      [['--forward', ':1', '--send-proxy', 'v3'], 2, /not a version of the PROXY protocol/],
      [['--forward', ':1', '--proxy-auth', 'env:HOME'], 2, /--proxy-auth goes with --socks-proxy/],
      [['--socks-proxy', '--proxy-auth', 'env:HOME'], 2, /has to be user:password/],
      [['--socks-proxy', '--proxy-to', '10.0.0.0/99'], 2, /not a host, port or network/],
      [['--echo', '--proxy', 'http://p'], 2, /--proxy goes with --forward/],
      [['--forward', 'unix:/s', '--proxy', 'http://p'], 9, /only what goes over TCP can/],
      [['--accept-proxy', '--public'], 2, /anyone .* who he is\n.*--accept-proxy-from/],
      [['--accept-proxy-from', 'nowhere'], 2, /not an address or network: "nowhere"/],
      [['udp://127.0.0.1:0', '--accept-proxy-from', '::1'], 9, /udp does not do that/],
      [['udp://127.0.0.1:0', '--accept-proxy'], 9, /udp does not do that/],
      [['--lines'], 2, /--lines goes with --relay/],
      [['--idle', 'soon'], 2, /option --idle <time>: not a time: "soon"/],
      [['--allow', 'nowhere'], 2, /not an address or network: "nowhere"/],
      [['-p', '99999'], 2, /too large/],
      [['tpc://:80'], 2, /unknown scheme "tpc".*did you mean tcp/],
      [['--reply', 'a\\q'], 2, /"\\q" is not an escape/],
      [['--once', '--accepts', '3'], 2, /cannot be used with/],
      [['no-such-host.invalid:0'], 3, /cannot listen on/],
      [['192.0.2.1:0'], 3, /this machine has no such address/],
      [['unix:/no/such/folder/s'], 3, /no such file or folder/],
      [['fd:99'], 2, /cannot listen on fd:99/],
    ] as const)('%j exits %i', async (argv, code, message) => {
      const outcome = await sockctl(['serve', ...argv])
      expect(outcome.stderr).toMatch(message)
      expect(outcome.code).toBe(code)
      expect(outcome.stdout).toBe('')
    })
  })

  async function startQuietly(argv: readonly string[], portFile: string): Promise<Sockctl> {
    const { Sockctl: Run } = await import('../../support/sockctl.ts')
    const server = new Run(['serve', ...argv])
    running.push(server)
    await expect.poll(() => existsSync(portFile), { timeout: 5000 }).toBe(true)
    return server
  }
})

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
