import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { InputStream } from '../../../../src/cli/context.ts'
import { main } from '../../../../src/main.ts'
import { fakeContext, run } from '../../../support/context.ts'
import { type Received, UdpPeer } from '../../../support/datagrams.ts'
import { within } from '../../../support/deadline.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
afterAll(() => rmSync(folder, { recursive: true }))

const peers: UdpPeer[] = []
afterEach(() => {
  for (const one of peers.splice(0)) one.close()
})

async function peer(host?: string): Promise<UdpPeer> {
  const one = await UdpPeer.open(host)
  peers.push(one)
  return one
}

/** A port that nothing is bound to, on either loopback. */
async function closedPort(): Promise<number> {
  const one = await UdpPeer.open()
  const { port } = one
  one.close()
  return port
}

/** A server that sends back everything, and keeps it. */
async function echoing(host?: string): Promise<{ port: number; received: Received[] }> {
  const server = await peer(host)
  const received: Received[] = []
  const serve = async (): Promise<void> => {
    for (;;) {
      const one = await server.next(60_000)
      received.push(one)
      await server.send(one.data, one.port, one.host)
    }
  }
  // Ends with the socket, by which the test is over.
  serve().catch(() => {})
  return { port: server.port, received }
}

/** A terminal that a test types on. */
function keyboard(): InputStream & PassThrough {
  return Object.assign(new PassThrough(), { isTTY: true })
}

describe('sockctl udp send', () => {
  it('sends words, prints the reply as it came, and says what happened', async () => {
    const { port } = await echoing()
    const { code, stdout, stderr } = await run([
      'udp',
      'send',
      'localhost',
      `${port}`,
      'two',
      'words',
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'two words' })
    expect(stderr).toMatch(
      new RegExp(
        `^sent 9 B to 127\\.0\\.0\\.1:${port} from 127\\.0\\.0\\.1:\\d+\n#1 127\\.0\\.0\\.1:${port}  9 B  [\\d.]+ ms  two words\n$`,
      ),
    )
  })

  it('prints the reply as a line on a terminal, which it cannot harm', async () => {
    const { port } = await echoing()
    const world = { columns: 80, env: { NO_COLOR: '1' } }
    const { stdout, stderr } = await run(['udp', 'send', `:${port}`, '\\x1b[2Jx'], world)
    expect(stdout).toMatch(/^#1 127\.0\.0\.1:\d+ {2}5 B {2}[\d.]+ ms {2}1b 5b 32 4a 78\n$/)
    expect(stderr).toMatch(/^sent .*\n$/)
  })

  it.each([
    [['text\\n'], 'text\n'],
    [[''], ''],
    [['--send', 'a\\tb'], 'a\tb'],
    [['--send-hex', '00 01 ff'], '\x00\x01\xff'],
    [['--send-file', '<file>'], 'from a file\n'],
    [['--send-file', '-'], 'from stdin\n'],
    [[], 'from stdin\n'],
  ])('sends what %j says as one datagram', async (flags, expected) => {
    const file = join(folder, 'payload')
    writeFileSync(file, 'from a file\n')
    const { port, received } = await echoing()
    const argv = flags.map(flag => (flag === '<file>' ? file : flag))
    await run(['udp', 'send', `:${port}`, ...argv], { stdin: 'from stdin\n' })
    expect(received.map(one => one.data.toString('latin1'))).toEqual([expected])
  })

  it('sends several things in their order, a datagram each', async () => {
    const { port, received } = await echoing()
    const argv = ['first', '--send-hex', '32', '--send', 'third', '--send-hex', '34']
    const { stdout, stderr } = await run(['udp', 'send', `:${port}`, ...argv])
    expect(received.map(one => `${one.data}`)).toEqual(['first', '2', 'third', '4'])
    expect(stdout).toBe('first2third4')
    expect(stderr).toMatch(/^sending to .*\nsent 4 datagrams, 12 B; 4 replies\n$/s)
  })

  it('sends each line as a datagram with --lines, and ends each reply with a line break', async () => {
    const { port, received } = await echoing()
    const world = { stdin: 'one\ntwo\r\n\nfour' }
    const { code, stdout } = await run(['udp', 'send', `:${port}`, '--lines'], world)
    expect(received.map(one => `${one.data}`)).toEqual(['one', 'two', '', 'four'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\n\nfour\n' })
  })

  it('sends each line that is typed, as soon as it is', async () => {
    const { port, received } = await echoing()
    const stdin = keyboard()
    const context = fakeContext({ stdin })
    const code = main(['udp', 'send', `:${port}`], context)
    stdin.write('hello\n')
    await context.stderr.until(/^each line is sent as a datagram; Ctrl-D ends\nsending to .*\n#1 /)
    stdin.end('bye\n')
    expect(await within(5000, 'the end', code)).toBe(0)
    expect(received.map(one => `${one.data}`)).toEqual(['hello', 'bye'])
  })

  it('says that nothing is bound there, with exit code 4', async () => {
    const port = await closedPort()
    const { code, stdout, stderr } = await run(['udp', 'send', `127.0.0.1:${port}`, 'x'])
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toContain(
      `sockctl: 127.0.0.1:${port} refused (ICMP port unreachable): nothing is bound there\n`,
    )
  })

  it('tries the other loopback, and names both', async () => {
    const { port } = await echoing('::1')
    const { code, stdout, stderr } = await run(['udp', 'send', `localhost:${port}`, 'x'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x' })
    expect(stderr).toContain(
      `127.0.0.1:${port} refused (ICMP port unreachable): nothing is bound there; trying its next address\n`,
    )
    expect(stderr).toContain(`sent 1 B to [::1]:${port} from [::1]:`)
  })

  it('does not call silence a failure where no reply was asked for', async () => {
    const { port } = await peer()
    const { code, stdout, stderr } = await run(['udp', 'send', `:${port}`, 'x'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(`\nno reply from 127\\.0\\.0\\.1:${port} in 1\\.0 s\n  Something is bound there`),
    )
  })

  it.each([
    [['--wait', '30ms'], /no reply from 127\.0\.0\.1:\d+ in 30 ms\n {2}Something is bound there/],
    [['-w', '30ms', '--expect-replies', '2'], /0 of 2 replies from .* in 30 ms\n/],
    [
      ['-w', '30ms', '--any-peer'],
      /UDP gives no receipt, and this way a refusal would not be heard/,
    ],
  ])(
    'fails with exit code 5 when replies are asked for and do not come: %j',
    async (flags, why) => {
      const { port } = await peer()
      const { code, stderr } = await run(['udp', 'send', `:${port}`, 'x', ...flags])
      expect(code).toBe(5)
      expect(stderr).toMatch(why)
    },
  )

  it('does not wait with --wait 0, and does not complain', async () => {
    const server = await peer()
    const argv = ['udp', 'send', `127.0.0.1:${server.port}`, 'x', '--wait', '0']
    expect(await run(argv)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^sent .*\n$/) })
    expect((await server.next()).data.toString()).toBe('x')
  })

  it('says nothing on stderr with --quiet, except errors', async () => {
    const { port } = await echoing()
    expect(await run(['udp', 'send', `:${port}`, 'x', '-q'])).toEqual({
      code: 0,
      stdout: 'x',
      stderr: '',
    })
    const { stderr } = await run(['udp', 'send', `127.0.0.1:${await closedPort()}`, 'x', '-q'])
    expect(stderr).toMatch(/^sockctl: .*refused.*\n$/)
  })

  it('writes events as JSON, one per line', async () => {
    const { port } = await echoing('::1')
    const { code, stdout, stderr } = await run(['udp', 'send', `localhost:${port}`, 'x', '--json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    const time = '2026-01-02T03:04:05.678Z'
    const v4 = { family: 'ipv4', host: '127.0.0.1', port }
    const v6 = { family: 'ipv6', host: '::1', port }
    const local = { family: 'ipv6', host: '::1', port: expect.any(Number) }
    expect(events).toEqual([
      { event: 'sent', time, remote: v4, local: expect.any(Object), bytes: 1 },
      { event: 'refused', time, remote: v4, code: 'ECONNREFUSED', text: expect.any(String) },
      { event: 'sent', time, remote: v6, local, bytes: 1 },
      {
        event: 'reply',
        time,
        id: 1,
        remote: v6,
        local,
        bytes: 1,
        text: 'x',
        rttMs: expect.any(Number),
      },
      { event: 'end', time, verdict: 'answered', remote: v6, sent: 1, bytes: 1, replies: 1 },
    ])
  })

  it.each(['while it waits', 'before there is anything to send'])(
    'stops on a signal %s',
    async when => {
      const server = await peer()
      const isWaiting = when === 'while it waits'
      const context = fakeContext({ stdin: keyboard() })
      const argv = ['udp', 'send', `:${server.port}`, '-w', '1h', ...(isWaiting ? ['x'] : [])]
      const code = main(argv, context)
      await context.stderr.until(isWaiting ? /^sent / : /Ctrl-D/)
      context.signals.emit('SIGINT', 'SIGINT')
      expect(await within(5000, 'the end', code)).toBe(130)
      expect(context.stdin.destroyed).toBe(!isWaiting)
    },
  )

  it('sends 65,507 bytes, and not one more', async () => {
    const { port, received } = await echoing()
    const fits = await run(['udp', 'send', `:${port}`, '-q'], { stdin: 'x'.repeat(65_507) })
    expect(fits).toMatchObject({ code: 0, stdout: 'x'.repeat(65_507) })
    const tooMuch = await run(['udp', 'send', `:${port}`], { stdin: 'x'.repeat(65_508) })
    expect(tooMuch).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'sockctl: stdin does not fit in one datagram (65507 bytes at most)\n  With --lines each line is one.\n',
    })
    expect(received).toHaveLength(1)
  })

  it.each([
    [[], 2],
    [['localhost'], 2],
    [['localhost:0', 'x'], 2],
    [[':99999', 'x'], 2],
    [['tcp://:9', 'x'], 9],
    [['unix:/tmp/x', 'x'], 9],
    [[':9'], 2],
    [[':9', '--lines'], 2],
    [[':9', '\\q'], 2],
    [[':9', '--send', '\\q'], 2],
    [[':9', '--send-hex', '0'], 2],
    [[':9', '--send-file', '/no/such/file'], 3],
    [[':9', '--send-file', '/'], 2],
    [[':9', 'x', '-w', 'long'], 2],
    [[':9', 'x', '--expect-replies', '0'], 2],
    [[':9', 'x', '--expect-replies', '1.5'], 2],
    [[':9', 'x', '-s', 'localhost'], 2],
    [[':9', 'x', '-s', '192.0.2.77'], 3],
    [[':9', 'x', '-p', '65536'], 2],
    [[':9', 'x', '-4', '-6'], 2],
    [[':9', 'x', '-b', '-6'], 2],
    [['[::1]:9', 'x', '-4'], 3],
    [['host.invalid:9', 'x'], 3],
    [['host.invalid:9', 'x', '-n'], 3],
    [[':9', 'x', '--ttl', '256'], 2],
    [['127.0.0.1:9', 'x', '--ttl', '0'], 2],
    [['239.1.2.3:9', 'x', '--interface', 'no-such-interface'], 3],
    [['127.0.0.1:9', 'x', '--interface', 'lo'], 2],
    [['255.255.255.255:9', 'x'], 2],
    [[':9', 'x', '--color', 'blue'], 2],
    [[':9', 'x', '--hex', '00'], 2],
    [[':9', 'x', '--nope'], 2],
    [[':9', '--', 'x'], 2],
  ])('rejects %j with exit code %d, and says why', async (argv, expected) => {
    const { code, stdout, stderr } = await run(['udp', 'send', ...argv])
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toMatch(/^sockctl: .+\n/)
  })
})
