import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { within } from '../support/deadline.ts'
import { hasPeer } from '../support/peers.ts'
import { ON_A_TERMINAL } from '../support/pty.ts'
import { Sockctl } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'

/*
 * What happens at the end of the input, cell by cell as scripts know it from the netcats: four
 * servers, every flag that matters, and every kind of stdin. A cell says what comes out and whether
 * the server was told of the end (a FIN); `holds` is one in which nothing ends before the server,
 * which then sends DONE and ends by itself.
 */

closeServersAfterEach()

const LATE_MS = 400
const HOLD_MS = 700

/** Answers some time after the client's FIN. */
function late(socket: Socket): void {
  socket.resume()
  socket.on('end', () => setTimeout(() => socket.end('LATE'), LATE_MS))
}

/** Sends back, and ends after the client's FIN. */
function echo(socket: Socket): void {
  socket.pipe(socket)
}

/** Speaks first, reads what comes, and ends after a time. */
function push(socket: Socket): void {
  socket.resume()
  socket.write('HI')
  setTimeout(() => socket.end(), LATE_MS)
}

/** Speaks first, never reads, and closes: with unread data its close is a reset. */
function deaf(socket: Socket): void {
  socket.pause()
  socket.write('HI')
  setTimeout(() => socket.destroy(), LATE_MS)
}

const SERVERS = { late, echo, push, deaf }

type ServerName = keyof typeof SERVERS

interface Cell {
  readonly code: number
  readonly out: string
  /** Whether the server had a FIN before it ended by itself. */
  readonly fin: boolean
  readonly holds?: boolean
}

const runs: Sockctl[] = []
afterEach(async () => {
  for (const run of runs.splice(0)) await run[Symbol.asyncDispose]()
})

/** How the command gets its stdin. */
const STDIN = {
  x: [],
  'x, then open': [],
  open: [],
  '</dev/null': ['sh', '-c', 'exec "$@" </dev/null', '-'],
  '<&-': ['sh', '-c', 'exec "$@" <&-', '-'],
} as const

async function runCell(
  flags: string,
  server: ServerName,
  stdin: keyof typeof STDIN,
  holds: boolean,
): Promise<Cell> {
  let fin = false
  const { port } = await tcpServer(
    socket => {
      socket.on('end', () => {
        fin = !socket.writableEnded
      })
      SERVERS[server](socket)
      if (holds) setTimeout(() => socket.end('DONE'), HOLD_MS)
    },
    { pauseOnConnect: server === 'deaf' },
  )
  const argv = ['connect', '127.0.0.1', String(port), ...flags.split(' ').filter(Boolean)]
  const through = STDIN[stdin]
  const run = new Sockctl(argv, through.length === 0 ? {} : { through })
  runs.push(run)
  run.child.stdin?.on('error', () => {})
  if (stdin.startsWith('x')) run.child.stdin?.write('x')
  if (stdin === 'x') run.child.stdin?.end()
  const { code, stdout } = await run.outcome()
  return { code, out: stdout, fin, ...(holds ? { holds } : {}) }
}

describe('connect, at the end of its input', () => {
  it.each<[flags: string, server: ServerName, cell: Cell]>([
    ['', 'late', { code: 0, out: 'LATE', fin: true }],
    ['', 'echo', { code: 0, out: 'x', fin: true }],
    ['', 'push', { code: 0, out: 'HI', fin: true }],
    ['', 'deaf', { code: 4, out: 'HI', fin: false }],
    ['-N', 'late', { code: 0, out: 'LATE', fin: true }],
    ['-N', 'echo', { code: 0, out: 'x', fin: true }],
    ['--send-only', 'late', { code: 0, out: '', fin: true }],
    ['--send-only', 'echo', { code: 0, out: '', fin: true }],
    ['--send-only', 'push', { code: 0, out: '', fin: true }],
    ['--recv-only', 'echo', { code: 0, out: 'DONE', fin: false, holds: true }],
    ['--recv-only', 'push', { code: 0, out: 'HI', fin: false }],
    ['-d', 'late', { code: 0, out: 'DONE', fin: false, holds: true }],
    ['-d', 'echo', { code: 0, out: 'DONE', fin: false, holds: true }],
    ['-d', 'push', { code: 0, out: 'HI', fin: false }],
    ['--no-shutdown', 'late', { code: 0, out: 'DONE', fin: false, holds: true }],
    ['--no-shutdown', 'echo', { code: 0, out: 'xDONE', fin: false, holds: true }],
    ['--no-shutdown', 'push', { code: 0, out: 'HI', fin: false }],
    ['--no-shutdown', 'deaf', { code: 4, out: 'HI', fin: false }],
    ['--idle 200ms', 'late', { code: 0, out: 'LATE', fin: true }],
    ['--idle 200ms', 'echo', { code: 0, out: 'x', fin: true }],
    ['--idle 200ms', 'push', { code: 0, out: 'HI', fin: true }],
    ['-q 100ms', 'late', { code: 5, out: '', fin: true }],
    ['-q 5', 'late', { code: 0, out: 'LATE', fin: true }],
    ['-q 1', 'echo', { code: 0, out: 'x', fin: true }],
    ['-q 100ms', 'push', { code: 0, out: 'HI', fin: true }],
    ['-q 0', 'late', { code: 0, out: '', fin: true }],
    ['--timeout 200ms', 'late', { code: 5, out: '', fin: true }],
    ['--timeout 5', 'echo', { code: 0, out: 'x', fin: true }],
  ])("printf x | connect %s, to a server that is '%s'", async (flags, server, cell) => {
    expect(await runCell(flags, server, 'x', cell.holds ?? false)).toEqual(cell)
  })

  it.each<[stdin: keyof typeof STDIN, server: ServerName, cell: Cell]>([
    ['</dev/null', 'late', { code: 0, out: 'LATE', fin: true }],
    ['</dev/null', 'echo', { code: 0, out: '', fin: true }],
    ['</dev/null', 'push', { code: 0, out: 'HI', fin: true }],
    ['</dev/null', 'deaf', { code: 0, out: 'HI', fin: false }],
    ['<&-', 'late', { code: 0, out: 'LATE', fin: true }],
    ['<&-', 'echo', { code: 0, out: '', fin: true }],
    ['<&-', 'push', { code: 0, out: 'HI', fin: true }],
    ['open', 'late', { code: 0, out: 'DONE', fin: false, holds: true }],
    ['open', 'push', { code: 0, out: 'HI', fin: false }],
    ['x, then open', 'push', { code: 0, out: 'HI', fin: false }],
    ['x, then open', 'echo', { code: 0, out: 'xDONE', fin: false, holds: true }],
  ])("with stdin %s, to a server that is '%s'", async (stdin, server, cell) => {
    expect(await runCell('', server, stdin, cell.holds ?? false)).toEqual(cell)
  })
})

describe.skipIf(!hasPeer('python3'))('connect, at a terminal', () => {
  async function atTerminal(onSocket: (socket: Socket) => void, flags: readonly string[] = []) {
    const { port, accepted } = await tcpServer(onSocket)
    const run = new Sockctl(['connect', ...flags, `:${port}`], {
      through: ON_A_TERMINAL,
      env: { TERM: 'xterm', NO_COLOR: '1' },
    })
    runs.push(run)
    const peer = await within(8000, 'a connection', accepted())
    await run.says('stdout', /connected to/)
    return { run, peer, type: (keys: string) => run.child.stdin?.write(keys) }
  }

  it('sends line by line, and half-closes on Ctrl-D', async () => {
    const { run, peer, type } = await atTerminal(late)
    type('hello\r')
    expect(String(await within(8000, 'a line', once(peer, 'data')))).toBe('hello\n')
    type('\x04')
    const { code, stdout } = await run.outcome()
    expect(code).toBe(0)
    expect(stdout).toContain('LATE')
    expect(stdout).toContain('the peer ended the connection')
  })

  it('leaves at once when the peer does', async () => {
    const { run, peer } = await atTerminal(() => {})
    peer.end('bye\n')
    expect(await run.outcome(3000)).toMatchObject({ code: 0 })
  })

  it('leaves with 130 on Ctrl-C', async () => {
    const { run, peer, type } = await atTerminal(() => {})
    const closed = once(peer.resume(), 'end')
    type('\x03')
    expect(await run.outcome(3000)).toMatchObject({ code: 130 })
    await within(3000, 'the end at the peer', closed)
  })

  it('is not controlled by its peer', async () => {
    const { run } = await atTerminal(socket => socket.end('\x1b[2J\x1b]0;owned\x07gone\n'))
    const { stdout } = await run.outcome()
    expect(stdout).toContain('\\x1b[2J\\x1b]0;owned\\x07gone\r\n')
    expect(stdout).not.toContain('\x1b[2J')
  })
})
