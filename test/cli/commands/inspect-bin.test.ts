import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { within } from '../../support/deadline.ts'
import { hasPeer } from '../../support/peers.ts'
import { listenOnQuietPort, onQuietPort } from '../../support/quiet-port.ts'
import { sockctl } from '../../support/sockctl.ts'

/** Sockets of this process in most states, to be found again in the output of both commands. */
let folder: string
const ports: number[] = []
const closers: (() => unknown)[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-inspect-'))
  for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::']) {
    const server = kept(createServer({ allowHalfOpen: true }))
    ports.push(await listenOnQuietPort(server, host))
  }
  await once(kept(createServer()).listen(join(folder, 'app.sock')), 'listening')
  const visitor = connect(join(folder, 'app.sock'))
  closers.unshift(() => visitor.destroy())
  await once(visitor, 'connect')
  for (const [type, host] of [
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const) {
    const bind = async (port: number): Promise<void> => {
      const socket = createSocket(type).bind(port, host)
      await once(socket, 'listening')
      closers.push(() => socket.close())
    }
    ports.push(await onQuietPort(bind))
  }
  await connected(ports[0] ?? 0, '127.0.0.1')
  await connected(ports[3] ?? 0, '127.0.0.1')
  // FIN-WAIT-2 here, CLOSE-WAIT there: one side is done, the other is not.
  const halfClosed = await connected(ports[2] ?? 0, '::1')
  halfClosed.end()
  await once(halfClosed, 'finish')
  ports.push(await startUnaccepting())
})

afterAll(() => {
  for (const close of closers) close()
  rmSync(folder, { recursive: true })
})

function kept(server: Server): Server {
  server.on('connection', socket => {
    closers.push(() => socket.destroy())
    socket.resume()
  })
  closers.push(() => server.close())
  return server
}

async function connected(port: number, host: string): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true })
  closers.unshift(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Starts a process that listens, never accepts, and has one connection waiting; tells its port. */
async function startUnaccepting(): Promise<number> {
  const port = await startListener(
    '',
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  )
  await connected(port, '127.0.0.1')
  return port
}

/** Starts a process that does something, listens, and then does something; tells its port. */
async function startListener(before: string, after = ''): Promise<number> {
  const server = createServer()
  const port = await listenOnQuietPort(server)
  await once(server.close(), 'close')
  const child = spawn(
    process.execPath,
    [
      '-e',
      `${before}
      require('net').createServer().listen(${port}, '127.0.0.1', function () {
        require('fs').writeSync(1, this.address().port + '\\n')
        ${after}
      })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  closers.push(() => child.kill('SIGKILL'))
  return Number(await firstLine(child.stdout))
}

async function firstLine(stream: Readable): Promise<string> {
  const lines = createInterface(stream)
  const [line] = await within(8000, 'a line', once(lines, 'line'))
  lines.close()
  return line
}

/** One socket as both commands print it. */
interface Row {
  /** Protocol, state, both queues, both ends, in sockctl's spelling. */
  readonly cells: readonly string[]
  readonly pids: readonly string[]
}

/** Reads the rows of our sockets from a table of either command. */
function readRows(table: string): Row[] {
  return table
    .trimEnd()
    .split('\n')
    .map(line => {
      const [protocol = '', state = '', received = '', sent = '', local = '', remote = ''] = line
        .trim()
        .split(/\s+/)
      const ends = [
        local.replace(/^\*:/, '[::]:'),
        remote.replace(/^(?:0\.0\.0\.0|\[::\]|\*):\*$/, '*:*'),
      ]
      const holders = line.replace(/\(waiting.*/, '')
      return {
        cells: [protocol, state, received, sent, ...ends],
        pids: [...holders.matchAll(/pid=(\d+)/g)].map(([, pid = '']) => pid).sort(),
      }
    })
    .filter(({ cells }) => ports.some(port => cells.some(cell => cell.endsWith(`:${port}`))))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ cells: [protocol, state, , , local, remote] }: Row): string {
  return [protocol, state, local, remote].join(' ')
}

/** The same rows without what the other command does not know: /proc has no backlog. */
function knownTo(others: readonly Row[], rows: readonly Row[]): Row[] {
  return rows.map(({ cells, pids }, i) => ({
    cells: cells.map((cell, j) => (others[i]?.cells[j] === '?' ? '?' : cell)),
    pids,
  }))
}

function ss(...argv: string[]): string {
  const env = { ...process.env, COLUMNS: '400' }
  return execFileSync('ss', argv, { encoding: 'utf8', env, maxBuffer: 2 ** 28 })
}

describe.skipIf(!hasPeer('ss'))('sockctl inspect beside ss', () => {
  it.each([
    ['-tulpnH', ['LISTEN', 'UNCONN']],
    ['-tanupH', ['CLOSE-WAIT', 'ESTAB', 'FIN-WAIT-2', 'LISTEN', 'UNCONN']],
    ['-tunH', ['CLOSE-WAIT', 'ESTAB', 'FIN-WAIT-2']],
    ['-tuna4H', ['ESTAB', 'LISTEN', 'UNCONN']],
    ['-tuna6H', ['CLOSE-WAIT', 'ESTAB', 'FIN-WAIT-2', 'LISTEN', 'UNCONN']],
  ])('shows the same rows with %s', async (flags, states) => {
    const expected = readRows(ss(flags))
    const { code, stdout } = await sockctl(['inspect', flags])
    const found = readRows(stdout)
    expect(found).toEqual(knownTo(found, expected))
    expect(new Set(found.map(({ cells }) => cells[1]))).toEqual(new Set(states))
    expect(code).toBe(0)
  })

  it('shows the same unix sockets', async () => {
    const path = join(folder, 'app.sock')
    const expected = ss('-xaH')
      .split('\n')
      .filter(line => line.includes(path))
      .map(line => Number(line.trim().split(/\s+/)[5]))
    const { stdout } = await sockctl(['inspect', '-xa', '--pid', `${process.pid}`, '--json'])
    const found = JSON.parse(stdout).sockets.filter(({ local }: Found) => local?.path === path)
    expect(found.map(({ inode }: Found) => inode).sort()).toEqual(expected.sort())
    expect(found.map(({ state }: Found) => state).sort()).toEqual(['established', 'listen'])
  })
})

/** What is read of a socket in JSON. */
interface Found {
  readonly state: string
  readonly inode: number
  readonly local?: { readonly path?: string }
}

describe('sockctl inspect, the command', () => {
  it('explains a connection that its listener does not accept', async () => {
    const { stdout } = await sockctl(['inspect', '--port', `${ports.at(-1)}`])
    const waiting = stdout.split('\n').find(line => line.includes('(waiting'))
    expect(waiting).toMatch(/^tcp +ESTAB .* \(waiting to be accepted by \S+ pid=\d+ fd=\d+\)$/)
  })

  it('lets no process pose as another, or as a row', async () => {
    const port = await startListener("process.title = 'x pid=1 fd=3\\n'")
    const { stdout } = await sockctl(['inspect', '-lH', '--port', `${port}`])
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toMatch(/ {2}"x pid=1 fd=3\\n" pid=\d+ fd=\d+$/m)
  })

  it.each([
    ['has seen enough', 'head -1', /^PROTO .*\n$/],
    ['has gone before the first row', 'true', /^$/],
  ])('ends in silence when its reader %s', (_, reader, expected) => {
    const command = '{ "$0" bin/sockctl.js inspect -a; echo "exit $?" >&2; }'
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `${command} | ${reader}`, process.execPath],
      { encoding: 'utf8' },
    )
    expect(stdout).toMatch(expected)
    expect(stderr).toMatch(/(?:^|\n)exit 0\n$/)
    expect(stderr).not.toMatch(/EPIPE|Error| at /)
  })

  it.each([
    [['inspect', '--state', 'nonsense'], 2],
    [['inspect', '--pid', '4194304000'], 3],
    [['inspect', '--pid', `${process.pid}`, '--state', 'closing'], 1],
    [['inspect', '-tl'], 0],
  ])('exits as it should: %j', async (argv, expected) => {
    expect((await sockctl(argv)).code).toBe(expected)
  })

  it('knows which netlink sockets are the kernel itself', async () => {
    const { code, stdout } = await sockctl(['inspect', '--netlink', '-p'])
    const ofKernel = stdout.split('\n').filter(line => / \w+:kernel +\* /.test(line))
    expect(ofKernel.length).toBeGreaterThan(0)
    for (const line of ofKernel) expect(line).toMatch(/ \(kernel\)$/)
    expect(code).toBe(0)
  })

  describe.skipIf(process.getuid?.() !== 0 || !hasPeer('setpriv'))('as nobody', () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const asNobody = (...argv: string[]) =>
      sockctl(['inspect', ...argv], {
        through: nobody,
        // The advice would be for npx, where the tests themselves run in it.
        env: { npm_lifecycle_event: '' },
      })

    it('says whose owners are hidden, in the row and below', async () => {
      const { code, stdout, stderr } = await asNobody('-l', '--port', `${ports[0]}`)
      expect(stdout).toMatch(/\(owner hidden: uid 0 root\)$/m)
      expect(stderr).toContain('1 owner hidden (root 1)\n')
      expect(stderr).toContain(
        `See them: sudo env "PATH=$PATH" sockctl inspect -l --port ${ports[0]}\n`,
      )
      expect(code).toBe(0)
    })

    it('says so in JSON', async () => {
      const { stdout } = await asNobody('-l', '--port', `${ports[0]}`, '--json')
      const [socket] = JSON.parse(stdout).sockets
      expect(socket).toMatchObject({ uid: 0, user: 'root', ownership: 'hidden' })
      expect(socket).not.toHaveProperty('owners')
    })

    it('does not answer "no" when it could not look', async () => {
      const byPid = await asNobody('-t', '--pid', `${process.pid}`)
      expect(byPid.stderr).toMatch(/that can be seen: \d+ hidden owners \(.*root \d+.*\) may be/)
      expect(byPid.code).toBe(8)
      expect((await asNobody('-t', '--process', 'node')).code).toBe(8)
    })

    it.skipIf(!hasPeer('unshare'))('does not take who is hidden for who is not there', async () => {
      const hide = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"'
      const through = ['unshare', '-m', 'sh', '-c', hide, '-', ...nobody]
      const hidden = await sockctl(['inspect', '-t', '--pid', `${process.pid}`], { through })
      expect(hidden.stderr).toMatch(/hidden owners \(.*root \d+.*\) may be/)
      expect(hidden.stderr).toContain('/proc is mounted with hidepid.\n')
      expect(hidden.code).toBe(8)
      expect((await sockctl(['inspect', '--pid', '4194303'], { through })).code).toBe(3)
    })
  })

  it.skipIf(process.getuid?.() !== 0 || !hasPeer('unshare'))(
    'says that there is no /proc',
    async () => {
      const cover = 'mount -t tmpfs none /proc && exec "$@"'
      const through = ['unshare', '-m', 'sh', '-c', cover, '-']
      const { code, stdout, stderr } = await sockctl(['inspect', `${ports[0]}`, '-l'], { through })
      expect(stdout).toMatch(/\(owner hidden: uid 0 root\)$/m)
      expect(stderr).toContain('no process can be seen in /proc: proc(5) has to be mounted there\n')
      expect(code).toBe(0)
    },
  )
})
