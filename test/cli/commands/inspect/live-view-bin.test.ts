import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPeer } from '../../../support/peers.ts'
import { ON_A_TERMINAL } from '../../../support/pty.ts'
import { listenOnQuietPort } from '../../../support/quiet-port.ts'
import { Sockctl } from '../../../support/sockctl.ts'

const ENTER = '\x1b[?1049h'
const LEAVE = '\x1b[?1049l'

/** A frame of eight lines, none of them wider than 60; the terminal adds a carriage return. */
const SMALL = String.raw`\x1b\[H(?:\x1b\[K[^\n]{0,62}\n){7}\x1b\[K[^\n]{0,60}\x1b\[J`

/** Drawn anew, after it had stopped. */
const AGAIN = String.raw`stopped 148[^]*\x1b\[\?1049h[^]*1 socket `

const canRun = process.platform === 'linux' && ['python3', 'stty', 'bash'].every(hasPeer)

describe.skipIf(!canRun)('sockctl inspect --watch, at a terminal', () => {
  let server: Server
  let port = 0
  const held: Socket[] = []
  const runs: Sockctl[] = []

  beforeEach(async () => {
    server = createServer(socket => {
      held.push(socket.on('error', () => {}))
    })
    port = await listenOnQuietPort(server)
  })

  afterEach(async () => {
    for (const run of runs.splice(0)) await run[Symbol.asyncDispose]()
    for (const socket of held.splice(0)) socket.destroy()
    server.close()
  })

  /** By a shell that says how the terminal is set before and after. */
  function atTerminal(script: string, ...argv: string[]) {
    const through = [...ON_A_TERMINAL, 'bash', '-c', script, '-']
    const env = { TERM: 'xterm', NO_COLOR: '1' }
    const run = new Sockctl(['inspect', `${port}`, '--watch', '100ms', ...argv], { through, env })
    runs.push(run)
    return { run, type: (keys: string) => run.child.stdin?.write(keys) }
  }

  const PLAIN = 'stty cols 100 rows 20; stty -g; "$@"; echo "code $?"; stty -g'

  /** The same, and first its pid. */
  const NAMED = PLAIN.split('"$@"').join(`sh -c 'echo "pid $$"; exec "$@"' - "$@"`)

  async function dial(): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {})
    held.push(socket)
    await once(socket, 'connect')
    return socket
  }

  /** What is said after the last time that the screen was left, and nothing before the first. */
  function outside(stdout: string): { before: string; after: string } {
    expect(stdout.split(ENTER)).toHaveLength(stdout.split(LEAVE).length)
    return {
      before: stdout.slice(0, stdout.indexOf(ENTER)).trim(),
      after: stdout.slice(stdout.lastIndexOf(LEAVE) + LEAVE.length).trim(),
    }
  }

  it('shows what comes and goes, and leaves the terminal as it was on q', async () => {
    const { run, type } = atTerminal(PLAIN)
    await run.says('stdout', /sockctl inspect \d+: 1 socket /)
    const client = await dial()
    await run.says('stdout', /\+ tcp +ESTAB +0 +0 +127\.0\.0\.1:\d+/)
    client.resetAndDestroy()
    await run.says('stdout', /- tcp +ESTAB/)
    type('q')
    const { stdout } = await run.outcome()
    const { before, after } = outside(stdout)
    expect(after).toBe(`code 0\r\n${before}`)
  })

  it('has the name of who left a TIME_WAIT', async () => {
    const { run, type } = atTerminal(PLAIN)
    await run.says('stdout', /1 socket /)
    const accepted = once(server, 'connection')
    const client = await dial()
    const [peer] = await accepted
    await run.says('stdout', new RegExp(`ESTAB .*pid=${process.pid}`))
    const closed = once(client, 'close')
    client.end()
    peer.resume().end()
    await closed
    await run.says('stdout', new RegExp(`~ tcp +TIME-WAIT .*node pid=${process.pid}, left`))
    type('q')
    expect((await run.outcome()).stdout).toContain('code 0')
  })

  it('sorts, filters and pauses by keys', async () => {
    await dial()
    const { run, type } = atTerminal(PLAIN)
    await run.says('stdout', /sort: change/)
    type('ssr')
    await run.says('stdout', /sort: STATE ▲/)
    type('/listen')
    await run.says('stdout', /\/listen_/)
    type('\r')
    await run.says('stdout', /\/ listen .*1-1 of 1/)
    type('\x1b')
    await run.says('stdout', /\/ filter .*1-3 of 3/)
    type('p')
    await run.says('stdout', /PAUSED/)
    type('q')
    expect((await run.outcome()).stdout).toContain('code 0')
  })

  it('fits the screen, also when that gets smaller', async () => {
    const { run, type } = atTerminal(NAMED)
    const [, pid] = await run.says('stdout', /pid (\d+)\r/)
    await run.says('stdout', /1 socket /)
    const terminal = readlinkSync(`/proc/${pid}/fd/1`)
    execFileSync('stty', ['-F', terminal, 'cols', '60', 'rows', '8'])
    await run.says('stdout', new RegExp(SMALL))
    type('q')
    const { stdout } = await run.outcome()
    const frames = stdout.split('\x1b[H').slice(2)
    for (const frame of frames) expect(frame.split(LEAVE)[0]?.split('\r\n').length).toBeLessThan(21)
  })

  it('leaves the terminal as it was on Ctrl-C, and ends as by a signal', async () => {
    const { run, type } = atTerminal(`trap : INT; ${PLAIN}`)
    await run.says('stdout', /1 socket /)
    type('\x03')
    const { stdout } = await run.outcome()
    const { before, after } = outside(stdout)
    expect(after).toContain('code 130')
    expect(after.endsWith(before)).toBe(true)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves the terminal as it was on %s', async (signal, code) => {
    const { run } = atTerminal(NAMED)
    const [, pid] = await run.says('stdout', /pid (\d+)\r/)
    await run.says('stdout', /1 socket /)
    process.kill(Number(pid), signal)
    const { stdout } = await run.outcome()
    const { after } = outside(stdout)
    expect(after).toMatch(new RegExp(`code ${code}\r\n`))
    expect(after.endsWith(stdout.split('\r\n')[0] ?? '-')).toBe(true)
  })

  it('hands the terminal over on Ctrl-Z, and goes on with fg', async () => {
    const script = `stty cols 100 rows 20; set -m; stty -g; "$@"; echo "stopped $?"; stty -g; fg; echo "code $?"; stty -g`
    const { run, type } = atTerminal(script)
    await run.says('stdout', /1 socket /)
    type('\x1a')
    await run.says('stdout', /stopped 148/)
    await run.says('stdout', new RegExp(AGAIN))
    type('q')
    const { stdout } = await run.outcome()
    const [first = '-'] = stdout.split('\r\n')
    expect(stdout.split(first)).toHaveLength(4)
    expect(outside(stdout).after).toContain('code 0')
  })

  it('is lines on a pipe, though somebody types', async () => {
    const run = new Sockctl(['inspect', `${port}`, '--watch', '100ms', '--count', '1'])
    runs.push(run)
    const { stdout, code } = await run.outcome()
    expect(code).toBe(0)
    expect(stdout).not.toContain('\x1b')
    expect(stdout).toMatch(
      /^TIME +EVENT +PROTO +STATE[^\n]*\n[\d:.]+ {2}here +tcp +LISTEN[^\n]*\n$/,
    )
  })
})
