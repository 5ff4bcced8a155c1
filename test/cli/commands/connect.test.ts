import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { parseTokens, tokenCredentials } from '../../../src/access/token.ts'
import { formatEndpoint } from '../../../src/endpoint/format.ts'
import { parseEndpoint } from '../../../src/endpoint/parse.ts'
import { echo as echoing } from '../../../src/handlers/echo.ts'
import { main } from '../../../src/main.ts'
import { type FakeWorld, fakeContext, run } from '../../support/context.ts'
import { readAll } from '../../support/read-all.ts'
import { endSessionsAfterEach, startSession } from '../../support/serve-session.ts'
import { closeServersAfterEach, tcpServer } from '../../support/tcp-server.ts'

closeServersAfterEach()
endSessionsAfterEach()

const folder = mkdtempSync(join(tmpdir(), 'sockctl-connect-'))
afterAll(() => rmSync(folder, { recursive: true }))

const echo = (socket: Socket): unknown => socket.pipe(socket)

/** Answers each chunk, and keeps the connection open: as Redis and SMTP do. */
const answering =
  (answer: string, delayMs = 0) =>
  (socket: Socket): void => {
    socket.on('data', () => setTimeout(() => socket.write(answer), delayMs))
  }

/** A port that nobody listens on. */
async function refusingPort(): Promise<number> {
  const { port, server } = await tcpServer()
  await once(server.close(), 'close')
  return port
}

function connect(argv: readonly (string | number)[], world?: FakeWorld) {
  return run(['connect', ...argv.map(String)], world)
}

/** A stdin that stays open, as a terminal's or that of `sleep 100 |`. */
function openInput(isTTY = false): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough(), { isTTY })
}

describe('sockctl connect', () => {
  it('sends stdin, half-closes, and shows what comes', async () => {
    const { port } = await tcpServer(socket => {
      void readAll(socket).then(sent => socket.end(`got ${sent}`))
    })
    expect(await connect(['127.0.0.1', port], { stdin: 'hello' })).toEqual({
      code: 0,
      stdout: 'got hello',
      stderr: '',
    })
  })

  it('talks to a unix socket by -U and by its endpoint', async () => {
    const path = join(folder, 'a.sock')
    await tcpServer(echo, { path })
    for (const argv of [['-U', path], [`unix:${path}`], ['--unix', `unix:${path}`]]) {
      expect(await connect(argv, { stdin: 'x' })).toMatchObject({ code: 0, stdout: 'x' })
    }
  })

  it('sends lines with CR LF', async () => {
    const { port } = await tcpServer(echo)
    const { stdout } = await connect(['-C', `:${port}`], { stdin: 'a\nb\r\n' })
    expect(stdout).toBe('a\r\nb\r\n')
  })

  it('shows what is really on the wire', async () => {
    const { port } = await tcpServer(echo)
    const { stdout, stderr } = await connect(['-C', '--hex', `:${port}`], { stdin: '\n' })
    expect(stdout).toBe('\r\n')
    expect(stderr.replace(/ {2,}/g, ' ')).toBe('> 00000000 0d 0a |..|\n< 00000000 0d 0a |..|\n')
  })

  it('writes what comes into a file too', async () => {
    const { port } = await tcpServer(echo)
    const file = join(folder, 'out')
    const { stdout } = await connect([`:${port}`, '-o', file], { stdin: 'both' })
    expect(stdout).toBe('both')
    expect(readFileSync(file, 'utf8')).toBe('both')
  })

  it('says with -v what is tried, and what came of it', async () => {
    const { port } = await tcpServer(echo)
    const { stderr } = await connect(['-v', `localhost:${port}`], { stdin: 'x' })
    const [tried, connected, ended, totals] = stderr.split('\n')
    expect(tried).toMatch(new RegExp(`^tried \\[::1\\]:${port}: ECONNREFUSED {2}[\\d.]+ ms$`))
    expect(connected).toMatch(new RegExp(`^connected to tcp://127.0.0.1:${port} from 127.0.0.1:`))
    expect(ended).toBe('the peer ended the connection')
    expect(totals).toMatch(/^in 1 B {2}out 1 B {2}[\d.]+ ms$/)
  })

  it('gives the totals where only they are asked for', async () => {
    const { port } = await tcpServer(echo)
    const { stderr } = await connect(['--stats', '--quiet', `:${port}`], { stdin: 'xy' })
    expect(stderr).toMatch(/^in 2 B {2}out 2 B {2}[\d.]+ ms\n$/)
  })

  it('stops without a word when nobody reads its output any more', async () => {
    const { port } = await tcpServer(socket => socket.write('first\n'))
    const context = fakeContext({ stdin: openInput() })
    const running = main(['connect', `:${port}`], context)
    await context.stdout.until(/first/)
    context.closeOutput()
    expect(await running).toBe(0)
    expect(context.stderr.text).toBe('')
  })

  it('says that it has stopped waiting, when there could be more', async () => {
    const { port } = await tcpServer(socket => socket.write('some'))
    expect(await connect(['-q', '100ms', `:${port}`])).toEqual({
      code: 0,
      stdout: 'some',
      stderr: 'stopped waiting for the peer, which has not ended its side\n',
    })
  })

  it.each([
    ['udp', 'UDP'],
    ['socketio', 'Socket.IO'],
  ] as const)('says of %s what is true, where no end can be told', async (scheme, name) => {
    const { session } = await startSession(echoing(), {
      endpoints: [parseEndpoint(`${scheme}://:0`)],
    })
    const [endpoint] = session.endpoints
    const where = endpoint === undefined ? '' : formatEndpoint(endpoint)
    const noEnd = `over ${name} nobody can say that this was all`
    expect(await connect(['-q', '300ms', where], { stdin: 'x\n' })).toEqual({
      code: 0,
      stdout: 'x\n',
      stderr: `stopped waiting: ${noEnd}\n`,
    })
    const context = fakeContext({ stdin: 'x\n', columns: 80 })
    const running = main(['connect', '-q', '1m', where], context)
    await context.stderr.until(new RegExp(`all is sent, and ${noEnd}: waiting for more\\n`), 10_000)
    context.signals.emit('SIGINT', 'SIGINT')
    await running
  })

  it('takes the -q -1 of nc for the wait that it has anyway', async () => {
    const { port } = await tcpServer(socket => {
      void readAll(socket).then(() => setTimeout(() => socket.end('late'), 100))
    })
    const outcome = await connect(['-q', '-1', `:${port}`], { stdin: 'x' })
    expect(outcome).toMatchObject({ code: 0, stdout: 'late' })
  })

  it('leaves stdin alone after the end', async () => {
    const { port } = await tcpServer(socket => socket.end('bye'))
    const stdin = openInput()
    expect(await connect([`:${port}`], { stdin })).toMatchObject({ code: 0, stdout: 'bye' })
    expect(stdin.destroyed).toBe(true)
  })
})

describe('sockctl connect at a terminal', () => {
  it('says what the keys do, and that the peer has left', async () => {
    const { port } = await tcpServer(socket => socket.once('data', () => socket.end('bye\n')))
    const context = fakeContext({ stdin: openInput(true), columns: 80 })
    const running = main(['connect', `:${port}`], context)
    await context.stderr.until(/connected/)
    context.stdin.push('hi\n')
    expect(await running).toBe(0)
    expect(context.stdout.text).toBe('bye\n')
    expect(stripVTControlCharacters(context.stderr.text)).toBe(
      `connected to tcp://127.0.0.1:${port} (Ctrl-D ends your side, Ctrl-C leaves)\n` +
        'the peer ended the connection\n',
    )
  })

  it('does not let a peer control it, unless it is told to', async () => {
    const { port } = await tcpServer(socket => socket.end('\x1b[2Jhi\r\n'))
    const shown = await connect([`:${port}`], { columns: 80 })
    expect(shown.stdout).toBe('\\x1b[2Jhi\r\n')
    expect((await connect(['--raw', `:${port}`], { columns: 80 })).stdout).toBe('\x1b[2Jhi\r\n')
    expect((await connect([`:${port}`])).stdout).toBe('\x1b[2Jhi\r\n')
  })

  it('leaves with 130 on Ctrl-C', async () => {
    const { port } = await tcpServer()
    const context = fakeContext({ stdin: openInput(true), columns: 80 })
    const running = main(['connect', `:${port}`], context)
    await context.stderr.until(/connected/)
    context.signals.emit('SIGINT', 'SIGINT')
    expect(await running).toBe(130)
  })

  it('explains a peer that keeps the connection open', async () => {
    const { port } = await tcpServer()
    const context = fakeContext({ stdin: 'x', columns: 80 })
    const running = main(['connect', `:${port}`], context)
    await context.stderr.until(/all is sent, and the peer has not ended its side/)
    context.signals.emit('SIGINT', 'SIGINT')
    await running
  })
})

describe('sockctl connect --send', () => {
  it.each([0, 700])('prints the reply of a server that stays, after %i ms', async delayMs => {
    const { port } = await tcpServer(answering('+PONG\r\n', delayMs))
    // Stdin is not touched: a loop in a script may need it.
    const stdin = openInput()
    expect(await connect([`:${port}`, '--send', 'PING\\r\\n'], { stdin })).toEqual({
      code: 0,
      stdout: '+PONG\r\n',
      stderr: '',
    })
    expect(stdin.destroyed).toBe(false)
  })

  it('keeps the connection of a server that hangs up on a FIN', async () => {
    const { port } = await tcpServer(socket => {
      answering('250 ok\r\n', 50)(socket)
      socket.on('end', () => socket.destroy())
    })
    const { code, stdout } = await connect([`:${port}`, '--send', 'HELO\\r\\n', '--lines', 1])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '250 ok\r\n' })
  })

  it('tells the end to a server that waits for it, with -N', async () => {
    const { port } = await tcpServer(socket => {
      void readAll(socket).then(sent => socket.end(`${sent.length}`))
    })
    expect(await connect([`:${port}`, '--send', 'abc', '-N'])).toMatchObject({
      code: 0,
      stdout: '3',
    })
  })

  it('sends the parts in the order in which they were typed', async () => {
    const { port } = await tcpServer(echo)
    const file = join(folder, 'part')
    writeFileSync(file, 'FILE')
    const parts = ['--send', 'a\\n', '--send-file', file, '--send-hex', '00 0a', '--send', 'z']
    expect((await connect([`:${port}`, ...parts])).stdout).toBe('a\nFILE\0\nz')
  })

  it.each([
    [['--expect', '+PONG'], 0, '+PONG\r\n', ''],
    [['--expect', 'NG\\r'], 0, '+PONG\r\n', ''],
    [['--lines', '1'], 0, '+PONG\r\n', ''],
    [['--bytes', '3'], 0, '+PO', ''],
    [
      ['--expect', '+OK', '--timeout', '200ms'],
      1,
      '+PONG\r\n',
      'no match for "+OK" after 200 ms (7 bytes received)',
    ],
    [['--lines', '2', '--timeout', '200ms'], 5, '+PONG\r\n', 'got 1 of 2 lines'],
    [['--lines', '2', '--idle', '100ms'], 5, '+PONG\r\n', 'silent for 100 ms: got 1 of 2 lines'],
    [['--bytes', '9', '--idle', '100ms'], 5, '+PONG\r\n', 'got 7 of 9 bytes'],
    [['--until-close', '--timeout', '200ms'], 5, '+PONG\r\n', 'has not finished after 200 ms'],
  ])('stops by %j with exit %i', async (rules, code, stdout, message) => {
    const { port } = await tcpServer(answering('+PONG\r\n'))
    const outcome = await connect([`:${port}`, '--send', 'PING\\r\\n', ...rules])
    expect(outcome).toMatchObject({ code, stdout })
    expect(outcome.stderr).toContain(message)
  })

  it.each([
    [['--lines', '3'], 4, 'the peer ended after 1 of 3 lines'],
    [['--bytes', '30'], 4, 'the peer ended after 4 of 30 bytes'],
    [['--expect', 'OK'], 1, 'no match for "OK" (4 bytes received)'],
    [['--until-close', '--expect', 'hi'], 0, ''],
  ])('when the peer ends too early, %j is exit %i', async (rules, code, message) => {
    const { port } = await tcpServer(socket => socket.end('hi\r\n'))
    const outcome = await connect([`:${port}`, '--send', 'x', ...rules])
    expect(outcome).toMatchObject({ code, stdout: 'hi\r\n' })
    expect(outcome.stderr).toContain(message)
  })

  it.each([
    ['idle', ['--idle', '100ms']],
    ['quit', ['-q', '100ms']],
    ['timeout', ['--timeout', '200ms']],
  ])('does not take half a line for a line when it ends by %s', async (_, rules) => {
    const { port } = await tcpServer(answering('one\ntw'))
    const outcome = await connect([`:${port}`, '--send', 'x', '--lines', '2', ...rules])
    expect(outcome).toMatchObject({ code: 5, stdout: 'one\ntw' })
    expect(outcome.stderr).toContain('got 1 of 2 lines')
  })

  it('takes what stands before the end of the peer for a line, as head does', async () => {
    const { port } = await tcpServer(socket => socket.end('one\ntwo'))
    const outcome = await connect([`:${port}`, '--send', 'x', '--lines', '2'])
    expect(outcome).toEqual({ code: 0, stdout: 'one\ntwo', stderr: '' })
  })

  it('is never exit 0 when nothing comes, unless that is fine', async () => {
    const closing = await tcpServer(socket => socket.resume().on('data', () => socket.end()))
    const silent = await tcpServer(socket => socket.resume())
    const send = ['--send', 'x']
    expect((await connect([`:${closing.port}`, ...send])).code).toBe(4)
    const timedOut = await connect([`:${silent.port}`, ...send, '--timeout', '100ms'])
    expect(timedOut.code).toBe(5)
    expect(timedOut.stderr).toContain('needs -N')
    expect((await connect([`:${closing.port}`, ...send, '--no-reply'])).code).toBe(0)
    expect((await connect([`:${silent.port}`, ...send, '--no-reply'])).code).toBe(0)
    expect((await connect([`:${silent.port}`, ...send, '--send-only'])).code).toBe(0)
  })
})

describe('sockctl connect, when it cannot', () => {
  it('says what refused, and what to type', async () => {
    const port = await refusingPort()
    expect(await connect([`localhost:${port}`])).toEqual({
      code: 4,
      stdout: '',
      stderr:
        `sockctl: cannot connect to tcp://localhost:${port}: connection refused (ECONNREFUSED)\n` +
        `  Tried [::1]:${port} (ECONNREFUSED) and 127.0.0.1:${port} (ECONNREFUSED).\n` +
        `  Nobody listens there. See: sockctl inspect ${port}\n`,
    })
  })

  it('says that a host is unknown', async () => {
    const { code, stderr } = await connect(['no-such-host.invalid', '80'])
    expect(code).toBe(3)
    expect(stderr).toContain('cannot look up no-such-host.invalid')
  })

  it('says after how many bytes the connection was reset', async () => {
    const { port } = await tcpServer(socket => {
      socket.once('data', () => {
        socket.write('12345')
        socket.resetAndDestroy()
      })
    })
    const { code, stdout, stderr } = await connect([`:${port}`], { stdin: 'x' })
    expect({ code, stdout }).toEqual({ code: 4, stdout: '12345' })
    expect(stderr).toContain(`tcp://127.0.0.1:${port} reset the connection after 5 bytes`)
  })

  it.each([
    [[], 'connect where?'],
    [['a:1', 'b:2'], 'connect opens one connection'],
    [[':0'], 'nobody can be reached on port 0'],
    [['-l', '8080'], 'sockctl serve 8080 --attach'],
    [['-l', '-p', '8080'], 'sockctl serve :8080 --attach'],
    [['-u', '-U', '/tmp/s'], '--udp'],
    [['-e', '/bin/sh', ':1'], 'sockctl serve --exec'],
    [['-i', '3', ':1'], '--idle 3'],
    [['-s', 'eth0', ':1'], '"eth0" is not an IP address'],
    [['--lines', '0', ':1'], 'must be more than 0'],
    [['-w', '0', ':1'], 'must be more than 0'],
    [['--expect', '(', ':1'], 'not a regular expression'],
    [['--send', 'a\\q', ':1'], 'is not an escape'],
    [['--send-only', '--expect', 'x', ':1'], "cannot be used with option '--expect"],
    [['-4', '-6', ':1'], "cannot be used with option '-6"],
  ])('does not take %j', async (argv, message) => {
    const { code, stderr } = await connect(argv)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('sockctl connect -z', () => {
  it('is silent, and 0 when any port answers', async () => {
    const { port } = await tcpServer()
    const argv = ['-z', '127.0.0.1', `${await refusingPort()},${port}`]
    expect(await connect(argv)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('says with -v, in the words of nc, what answers', async () => {
    const { port } = await tcpServer()
    const refusing = await refusingPort()
    const { stderr } = await connect(['-zv', 'localhost', refusing, port])
    expect(stderr.split('\n')).toEqual([
      `connect to localhost (::1) port ${refusing} (tcp) failed: Connection refused`,
      `connect to localhost (127.0.0.1) port ${refusing} (tcp) failed: Connection refused`,
      `connect to localhost (::1) port ${port} (tcp) failed: Connection refused`,
      `Connection to localhost (127.0.0.1) ${port} port [tcp/*] succeeded!`,
      '',
    ])
  })

  it('says why when the only port does not answer', async () => {
    const port = await refusingPort()
    const { code, stderr } = await connect(['-z', `127.0.0.1:${port}`])
    expect(code).toBe(4)
    expect(stderr).toContain(`cannot connect to tcp://127.0.0.1:${port}: connection refused`)
  })

  it('counts what several ports said when none answers', async () => {
    const ports = [await refusingPort(), await refusingPort()]
    const { code, stderr } = await connect(['-z', '127.0.0.1', ports.join(',')])
    expect(code).toBe(4)
    expect(stderr).toBe('sockctl: nobody listens on any of 2 ports: 2 refused\n')
  })

  it('says that a port answers when the handshake is over, and not before', async () => {
    const { port } = await tcpServer(socket => socket.end('220 mail\r\n'))
    const plain = await connect(['-zv', '--tls', `127.0.0.1:${port}`])
    expect(plain).toMatchObject({ code: 6 })
    expect(plain.stderr).not.toContain('succeeded')
    expect(plain.stderr).toMatch(
      new RegExp(`^connect to 127.0.0.1 port ${port} \\(tls\\) failed: .*does not speak TLS`),
    )
    const { session } = await startSession(echoing(), { endpoints: [parseEndpoint('ws://:0')] })
    const [first] = session.endpoints
    const url = first === undefined ? '' : formatEndpoint(first)
    const { code, stderr } = await connect(['-zv', url])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toMatch(/^Connection to 127.0.0.1 \d+ port \[ws\/\*\] succeeded!\n$/)
  })

  it.each([
    ['ws', 'refused the handshake: HTTP 401'],
    ['socketio', 'the server says "not allowed in"'],
  ])('names --token where a %s server asks for one, and shows it', async (scheme, why) => {
    const { session } = await startSession(echoing(), {
      endpoints: [parseEndpoint(`${scheme}://127.0.0.1:0`)],
      listen: { credentials: tokenCredentials(parseTokens('ana:s3cret-s3cret')) },
    })
    const [first] = session.endpoints
    const url = first === undefined ? '' : formatEndpoint(first)
    const mute = await connect(['-z', url])
    expect(mute).toMatchObject({ code: 6, stdout: '' })
    expect(mute.stderr).toContain(why)
    expect(mute.stderr).toContain('--token env:NAME')
    const env = { RIGHT: 's3cret-s3cret', WRONG: 'guess' }
    const wrong = await connect(['-z', url, '--token', 'env:WRONG'], { env })
    expect(wrong).toMatchObject({ code: 6, stdout: '' })
    expect(wrong.stderr).toContain('It does not take this token.')
    const right = await connect(['-z', url, '--token', 'env:RIGHT'], { env })
    expect(right).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('counts those that answer, and not as they should', async () => {
    const web = await tcpServer(socket => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'))
    const argv = ['-z', '--ws', '127.0.0.1', `${web.port},${await refusingPort()}`]
    expect(await connect(argv)).toMatchObject({
      code: 4,
      stderr: 'sockctl: none of 2 ports is as it should be: 1 refused, 1 without the handshake\n',
    })
  })

  it('looks at unix sockets too', async () => {
    const path = join(folder, 'z.sock')
    await tcpServer(undefined, { path })
    expect((await connect(['-zU', path])).code).toBe(0)
    expect((await connect(['-zv', `unix:${path}`])).stderr).toContain('succeeded!')
    expect(await connect(['-z', 'unix:/', 'unix:/dev'])).toMatchObject({
      code: 2,
      stderr: 'sockctl: nobody listens on any of 2 ports: 2 no socket\n',
    })
    expect((await connect(['-zU', join(folder, 'none')])).code).toBe(3)
  })

  it.each([
    [['-z'], 'which ports?'],
    [['-z', 'h', '30-20'], '30-20 runs backwards'],
    [['-z', 'udp://h:53'], 'sockctl udp probe'],
    [['-z', 'h:80', '--token', 'env:TOKEN'], 'no handshake with a place for a token'],
  ])('does not take %j', async (argv, message) => {
    const { code, stderr } = await connect(argv)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
