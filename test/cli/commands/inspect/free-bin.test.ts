import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { within } from '../../../support/deadline.ts'
import { endEnginesAfterEach, startEngine } from '../../../support/engine.ts'
import { hasPeer } from '../../../support/peers.ts'
import { endPortHoldersAfterEach, holdPort, LISTEN } from '../../../support/port-holder.ts'
import { ON_A_TERMINAL } from '../../../support/pty.ts'
import { Sockctl, sockctl } from '../../../support/sockctl.ts'
import { leaveSocket } from '../../../support/stale-socket.ts'

const isRoot = process.getuid?.() === 0
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const STUBBORN = `process.on('SIGTERM', () => {})\n${LISTEN}`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-free-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})
endPortHoldersAfterEach()
endEnginesAfterEach()

describe.runIf(process.platform === 'linux')('sockctl inspect --free', () => {
  it('stops the listener and not its clients, and proves that the port is free', async () => {
    // It says so when it has accepted: what it has not would be reset, and leave nothing behind.
    const server = await holdPort(LISTEN.replace('socket.on(', 'socket.write(".") && socket.on('))
    const client = await holdPort(
      `require('node:net').connect(${server.port}, '127.0.0.1').once('data', () => console.log(1))
       .on('close', () => console.log('closed')).on('error', () => {})
       setInterval(() => {}, 1000)`,
    )
    const closed = once(client.child.stdout ?? process.stdin, 'data')
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--yes'])
    expect(run.code).toBe(0)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain(`node (pid ${server.pid}) listens on 127.0.0.1:${server.port}\n`)
    expect(run.stderr).toMatch(
      new RegExp(
        `SIGTERM sent to node \\(pid ${server.pid}\\): ended after [\\d.]+ m?s\nport ${server.port} is free\n$`,
      ),
    )
    expect(await server.ended).toBe('SIGTERM')
    await within(5000, 'the end of the connection', closed)
    expect(client.isRunning).toBe(true)
    const again = await sockctl(['inspect', `${server.port}`, '--free', '--yes'])
    // The server has closed first: what is left of the connection is no process's.
    expect(again.stderr).toMatch(new RegExp(`^nothing holds port ${server.port} but what is left`))
    expect(again.code).toBe(1)
  })

  it('leaves a UDP socket of the same number alone, unless -u asks for it', async () => {
    const udp = await holdPort(
      `const socket = require('node:dgram').createSocket('udp4')
       socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))`,
    )
    const run = await sockctl(['inspect', `${udp.port}`, '--free', '--yes'])
    // It may be a port that connections of others have left in TIME-WAIT.
    expect(run.stderr).toMatch(new RegExp(`^nothing holds port ${udp.port}(?: but|\n$)`))
    expect(run.code).toBe(1)
    expect(udp.isRunning).toBe(true)
    const asked = await sockctl(['inspect', '-u', `${udp.port}`, '--free', '--yes'])
    expect(asked.code).toBe(0)
    expect(await udp.ended).toBe('SIGTERM')
  })

  it('does not say that nothing holds a port that cannot be bound', async () => {
    // With -4 only IPv4 is looked at, and the port is held on IPv6.
    const holder = await holdPort(LISTEN.replaceAll('127.0.0.1', '::1'))
    const run = await sockctl(['inspect', '-4', `${holder.port}`, '--free', '--yes'])
    expect(run.stderr).toContain(
      `port ${holder.port} is not free: binding :: and ::1 is refused (EADDRINUSE), though nobody is seen to hold it\n`,
    )
    expect(run.code).toBe(1)
    expect(holder.isRunning).toBe(true)
  })

  it.runIf(isRoot && hasPeer('unshare') && hasPeer('setpriv'))(
    'does not say that nothing holds a port that it may not bind',
    async () => {
      const words = ['inspect', '81', '--free', '--yes', '--json']
      const setUp = 'ip link set lo up && sysctl -qw net.ipv4.ip_unprivileged_port_start=1024'
      const network = (...user: string[]) => ({
        through: ['unshare', '-n', 'sh', '-c', `${setUp} && exec "$@"`, '-', ...user],
      })
      const run = await sockctl(words, network(...AS_NOBODY))
      expect(run.stderr).toMatch(
        /^port 81: nobody is seen to hold it, but no bind shows that: only root can bind it \(EACCES\)\nAs root: sudo .*sockctl inspect 81\n$/,
      )
      expect(JSON.parse(run.stdout).results).toMatchObject([{ ports: [81], outcome: 'unproven' }])
      expect(run.code).toBe(8)
      const asRoot = await sockctl(words, network())
      expect(asRoot).toMatchObject({ code: 1, stderr: 'nothing holds port 81\n' })
    },
  )

  it.runIf(isRoot && hasPeer('unshare'))(
    'takes a machine without IPv6 for one whose port is free when IPv4 can be bound',
    async () => {
      const setUp = 'ip link set lo up && sysctl -qw net.ipv6.conf.all.disable_ipv6=1'
      const through = ['unshare', '-n', 'sh', '-c', `${setUp} && exec "$@"`, '-']
      const run = await sockctl(['inspect', '8081', '--free', '--yes'], { through })
      expect(run).toMatchObject({ code: 1, stderr: 'nothing holds port 8081\n' })
    },
  )

  it.runIf(isRoot && hasPeer('setpriv') && hasPeer('python3'))(
    'says that a process which it may not see holds the port too',
    async () => {
      const script = `
import os, socket
door = socket.create_server(('127.0.0.1', 0))
door.set_inheritable(True)
child = os.fork()
if child == 0:
    os.setgroups([]); os.setgid(65533); os.setuid(65533)
    os.execvp('sleep', ['sleep', '61'])
print(door.getsockname()[1], child, flush=True)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.execvp('sleep', ['sleep', '60'])
`
      const server = await holdPort(['python3', '-c', script])
      const [, other = 0] = server.numbers
      const words = ['inspect', `${server.port}`, '--free', '--yes', '--json']
      const run = await sockctl(words, { through: AS_NOBODY }).finally(() =>
        process.kill(other, 'SIGKILL'),
      )
      expect(await server.ended).toBe('SIGTERM')
      expect(run.stderr).toMatch(
        new RegExp(
          `port ${server.port} is not free: a process that you may not see still holds it\nthe owner of 1 socket \\(root 1\\) is hidden from you: root may see them\nAs root: sudo .*sockctl inspect ${server.port}\n$`,
        ),
      )
      expect(JSON.parse(run.stdout).results).toMatchObject([
        { outcome: 'denied', processes: [{ pid: server.pid, signal: 'SIGTERM' }] },
      ])
      expect(run.code).toBe(8)
    },
  )

  it.runIf(isRoot)('stops nobody where /proc is of another PID namespace', async () => {
    const server = await holdPort()
    const through = ['unshare', '--pid', '--fork', '--kill-child']
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--yes'], { through })
    expect(run.stderr).toMatch(
      /^sockctl: cannot stop processes: \/proc numbers them by another PID/,
    )
    expect(run.code).toBe(9)
    expect(server.isRunning).toBe(true)
  })

  it('does nothing without a terminal or --yes, nor with --dry-run', async () => {
    const server = await holdPort()
    const asked = await sockctl(['inspect', `${server.port}`, '--free'])
    expect(asked.code).toBe(1)
    expect(asked.stderr).toContain('Nothing was stopped: there is no terminal to ask on')
    const dry = await sockctl(['inspect', `${server.port}`, '--free', '--dry-run', '--yes'])
    expect(dry.code).toBe(0)
    expect(dry.stderr).toContain(`SIGTERM would be sent to node (pid ${server.pid})\n`)
    expect(server.isRunning).toBe(true)
  })

  it.skipIf(!hasPeer('python3'))('asks on a terminal, where only y goes on', async () => {
    const server = await holdPort(LISTEN, { cwd: folder })
    for (const [answer, isRunning] of [
      ['\n', true],
      ['n\n', true],
      ['\x04', true],
      ['y\n', false],
    ] as const) {
      await using run = new Sockctl(['inspect', `${server.port}`, '--free'], {
        through: ON_A_TERMINAL,
      })
      await run.says('stdout', /Stop node \(pid \d+, \S+\)\? \[y\/N\] /)
      expect(run.stdout).toContain(`Stop node (pid ${server.pid}, ${folder})?`)
      run.child.stdin?.write(answer)
      const { code, stdout } = await run.outcome()
      expect(stdout).toContain(isRunning ? 'Nothing was stopped.' : 'is free')
      expect(code).toBe(isRunning ? 1 : 0)
      expect(server.isRunning).toBe(isRunning)
    }
  })

  it('kills what ignores SIGTERM only when told to', async () => {
    const server = await holdPort(STUBBORN)
    const words = ['inspect', `${server.port}`, '--free', '--yes', '--grace', '200ms']
    const polite = await sockctl(words)
    expect(polite.code).toBe(1)
    expect(polite.stderr).toMatch(/it still runs after 200 ms\nIt was not killed: --force/)
    expect(server.isRunning).toBe(true)
    const forced = await sockctl([...words, '--force'])
    expect(forced.code).toBe(0)
    expect(await server.ended).toBe('SIGKILL')
  })

  it.skipIf(!hasPeer('python3'))('asks once more before it kills', async () => {
    const server = await holdPort(STUBBORN)
    for (const [answer, code] of [
      ['n\n', 1],
      ['y\n', 0],
    ] as const) {
      await using run = new Sockctl(['inspect', `${server.port}`, '--free', '--grace', '100ms'], {
        through: ON_A_TERMINAL,
      })
      await run.says('stdout', /Stop node .*\? \[y\/N\] /)
      run.child.stdin?.write('y\n')
      await run.says('stdout', /Kill node \(pid \d+\), which then can save nothing\? \[y\/N\] /)
      run.child.stdin?.write(answer)
      expect((await run.outcome()).code).toBe(code)
    }
    expect(await server.ended).toBe('SIGKILL')
  })

  it('asks with the signal that was chosen, and wakes a suspended process', async () => {
    const server = await holdPort()
    server.child.kill('SIGSTOP')
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--yes', '--signal', 'int'])
    expect(run.stderr).toContain('suspended')
    expect(run.code).toBe(0)
    expect(await server.ended).toBe('SIGINT')
  })

  it('frees several ports of one process at once, and tells so in JSON', async () => {
    const server = await holdPort(
      `const { createServer } = require('node:net')
       const one = createServer().listen(0, '127.0.0.1', () => {
         const two = createServer().listen(0, '127.0.0.1', () =>
           console.log(one.address().port + ' ' + two.address().port))
       })`,
      { cwd: folder },
    )
    const words = server.numbers.map(String)
    const run = await sockctl(['inspect', ...words, '--free', '--yes', '--json'])
    const { schema, source, results } = JSON.parse(run.stdout)
    expect({ schema, source }).toEqual({ schema: 1, source: 'sock-diag' })
    expect(results).toMatchObject([
      {
        action: 'free',
        ports: [...server.numbers].sort((a, b) => a - b),
        outcome: 'freed',
        processes: [{ pid: server.pid, name: 'node', cwd: folder, signal: 'SIGTERM' }],
      },
    ])
    expect(results).toHaveLength(1)
    expect(run.code).toBe(0)
  })

  it('stops only what runs in the folder that was named', async () => {
    const server = await holdPort(LISTEN, { cwd: folder })
    const words = ['inspect', `${server.port}`, '--free', '--yes', '--expect-cwd']
    const other = await sockctl([...words, join(folder, 'other')])
    expect(other.code).toBe(1)
    expect(other.stderr).toContain(`it runs in ${folder}, not in ${join(folder, 'other')}`)
    expect(server.isRunning).toBe(true)
    expect((await sockctl([...words, join(folder, '..')])).code).toBe(0)
    expect(await server.ended).toBe('SIGTERM')
  })

  it('does not stop what it runs in', async () => {
    const script = `${LISTEN}
      server.on('listening', () => {
        const words = ['inspect', String(server.address().port), '--free', '--yes']
        const args = [${JSON.stringify(resolve('bin/sockctl.js'))}, ...words]
        require('node:child_process').execFile(process.execPath, args, (error, out, text) => {
          console.log(JSON.stringify({ code: error.code, text }))
        })
      })`
    const shell = await holdPort(script)
    const [said] = await within(
      8000,
      'what it said',
      once(shell.child.stdout ?? process.stdin, 'data'),
    )
    const { code, text } = JSON.parse(String(said))
    expect(text).toContain(`nothing was stopped: node (pid ${shell.pid}): sockctl runs in it`)
    expect(code).toBe(1)
    expect(shell.isRunning).toBe(true)
  })

  it.skipIf(!hasPeer('bash'))('leaves alone what holds ports for containers', async () => {
    const script = `exec -a docker-proxy "${process.execPath}" -e '${LISTEN.replaceAll("'", '"')}'`
    const proxy = await holdPort(['bash', '-c', script])
    const run = await sockctl(['inspect', `${proxy.port}`, '--free', '--yes', '--force'])
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('it holds the port for a container, which would lose it')
    const publish = `publish=${proxy.port}`
    expect(run.stderr).toContain(`In its place: docker stop $(docker ps -q --filter ${publish})\n`)
    expect(proxy.isRunning).toBe(true)
  })

  it.skipIf(!hasPeer('bash'))('names the container for which a port is held', async () => {
    const script = `exec -a docker-proxy "${process.execPath}" -e '${LISTEN.replaceAll("'", '"')}'`
    const proxy = await holdPort(['bash', '-c', script])
    const ports = [proxy.port]
    const socket = await startEngine([
      { id: 'ab'.repeat(32), name: 'web-1', image: 'nginx:1.27', ports },
    ])
    const run = await sockctl(['inspect', `${proxy.port}`, '--free', '--yes', '--json'], {
      env: { DOCKER_HOST: `unix://${socket}` },
    })
    expect(run.code).toBe(1)
    expect(run.stderr).toContain(
      'it holds the port for the container "web-1" (nginx:1.27), which would lose it\nIn its place: docker stop web-1\n',
    )
    expect(JSON.parse(run.stdout).results).toMatchObject([
      { outcome: 'refused', instead: 'docker stop web-1' },
    ])
    expect(proxy.isRunning).toBe(true)
  })

  it.runIf(isRoot && hasPeer('setpriv'))('leaves alone what is another user’s', async () => {
    const server = await holdPort()
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--yes'], {
      through: AS_NOBODY,
    })
    expect(run.code).toBe(8)
    expect(run.stderr).toContain('nothing was stopped: a process of')
    expect(server.isRunning).toBe(true)
  })

  it.runIf(isRoot && hasPeer('setpriv'))('lets root stop it, and names its user', async () => {
    const server = await holdPort([...AS_NOBODY, process.execPath, '-e', LISTEN])
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--yes'])
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('user nobody')
  })

  it('tells who starts it again, and how to stop that', async () => {
    const child = JSON.stringify(LISTEN)
    const supervisor = await holdPort(
      `const { spawn } = require('node:child_process')
       let port
       const start = () => {
         const one = spawn(process.execPath, ['-e', ${child}], {
           env: { ...process.env, PORT: port ?? '0' },
         })
         one.stdout.on('data', text => {
           port ??= String(text).trim()
           console.log(port)
         })
         one.on('exit', () => { if (!stopping) setTimeout(start, 100) })
         process.stdin.once('end', () => one.kill())
       }
       let stopping = false
       process.stdin.resume().once('end', () => { stopping = true })
       start()`,
    )
    const run = await sockctl(['inspect', `${supervisor.port}`, '--free', '--yes', '--json'])
    supervisor.child.stdin?.end()
    expect(run.stderr).toMatch(
      new RegExp(`port ${supervisor.port} is taken again after [\\d.]+ m?s by node \\(pid \\d+\\)`),
    )
    expect(run.stderr).toContain(
      `node (pid ${supervisor.pid}) has started it: stop that with kill ${supervisor.pid}\n`,
    )
    expect(JSON.parse(run.stdout).results).toMatchObject([
      { outcome: 'started-again', startedAgain: [{ stop: `kill ${supervisor.pid}` }] },
    ])
    expect(run.code).toBe(1)
    await supervisor.ended
  })

  it.skipIf(!hasPeer('python3'))('stops every holder of a port that was inherited', async () => {
    const server = await holdPort([
      'python3',
      '-c',
      `
import os, socket, sys, time
door = socket.create_server(('127.0.0.1', 0))
child = os.fork()
if child: print(door.getsockname()[1], child, flush=True)
time.sleep(60)
`,
    ])
    const [port, child] = server.numbers
    const run = await sockctl(['inspect', `${port}`, '--free', '--yes'])
    expect(run.stderr).toContain(`python3 (pid ${server.pid}) listens`)
    expect(run.stderr).toContain(`python3 (pid ${child}) listens`)
    expect(run.stderr).toContain('is free only when all 2 of them have ended')
    expect(run.stderr).toContain(`port ${port} is free\n`)
    expect(run.code).toBe(0)
  })

  it.skipIf(!hasPeer('python3'))('frees a port that is bound and not listened on', async () => {
    const server = await holdPort([
      'python3',
      '-c',
      `
import socket, sys
door = socket.socket()
door.bind(('127.0.0.1', 0))
print(door.getsockname()[1], flush=True)
sys.stdin.read()
`,
    ])
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--yes'])
    expect(run.stderr).toContain(`is bound to 127.0.0.1:${server.port}`)
    expect(run.code).toBe(0)
    expect(await server.ended).toBe('SIGTERM')
  })

  it('stops nobody who is only connected, and says when TIME-WAIT is over', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const accepted = once(server, 'connection')
    const client = await holdPort(
      `require('node:net').connect(${port}, '127.0.0.1', () => console.log(1)).resume()`,
    )
    const [socket] = (await accepted) as [Socket]
    server.close()
    const used = await sockctl(['inspect', `${port}`, '--free', '--yes'])
    expect(used.code).toBe(1)
    expect(used.stderr).toMatch(
      /^nobody listens on port \d+, so nobody was stopped: a connection to/,
    )
    // Whoever closes first is left with TIME-WAIT.
    socket.end()
    await client.ended
    const left = await sockctl(['inspect', `${port}`, '--free', '--yes', '--json'])
    expect(left.stderr).toMatch(
      /what is left of 1 connection \(TIME-WAIT\), which keeps no server away: over in [\d.]+ s/,
    )
    expect(JSON.parse(left.stdout).results).toMatchObject([{ outcome: 'time-wait', ports: [port] }])
    expect(left.code).toBe(1)
  })

  it('removes a stale unix socket, and no other file', async () => {
    const path = leaveSocket(join(folder, 'app.sock'))
    const words = ['inspect', `unix:${path}`, '--free']
    expect((await sockctl([...words, '--dry-run'])).code).toBe(0)
    expect((await sockctl(words)).code).toBe(1)
    expect(existsSync(path)).toBe(true)
    const run = await sockctl([...words, '--yes'])
    expect(run.stderr).toMatch(/ is stale: nobody listens on it; .*\n.* is removed\n$/)
    expect(run.code).toBe(0)
    expect(existsSync(path)).toBe(false)
    expect((await sockctl([...words, '--yes'])).code).toBe(1)
    const server = createServer().listen(path)
    await once(server, 'listening')
    const alive = await sockctl([...words, '--yes'])
    expect(alive).toMatchObject({ code: 1, stderr: expect.stringContaining('somebody answers') })
    expect(await new Promise(done => connect(path, () => done('alive')).unref())).toBe('alive')
    server.close()
  })

  it('does not show what a process calls itself as it is', async () => {
    const server = await holdPort(`process.title = 'a\\x1b[31mb'\n${LISTEN}`)
    const run = await sockctl(['inspect', `${server.port}`, '--free', '--dry-run'])
    expect(run.stderr).not.toContain('\x1b')
    expect(run.stderr).toContain('a\\x1b[31mb')
  })
})
