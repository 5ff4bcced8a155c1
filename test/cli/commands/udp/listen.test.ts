import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { main } from '../../../../src/main.ts'
import { type FakeContext, type FakeWorld, fakeContext, run } from '../../../support/context.ts'
import { UdpPeer } from '../../../support/datagrams.ts'
import { within } from '../../../support/deadline.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Listening {
  readonly context: FakeContext
  readonly port: number
  /** Asks it to stop, and waits for its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number>
  /** Waits for its exit code. */
  readonly code: Promise<number>
}

/** An address of this machine that is not its loopback. */
const outside = Object.values(networkInterfaces())
  .flatMap(addresses => addresses ?? [])
  .find(one => one.family === 'IPv4' && !one.internal)?.address

const running: Listening[] = []
const peers: UdpPeer[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
  for (const one of peers.splice(0)) one.close()
})

/** Starts `sockctl udp listen` in a world of its own, and waits until it listens. */
async function listen(argv: readonly string[], world: FakeWorld = {}): Promise<Listening> {
  const context = fakeContext(world)
  const code = main(['udp', 'listen', ...argv], context)
  const json = argv.includes('--json')
  const ready = json
    ? context.stdout.until(/"port":(\d+)/)
    : context.stderr.until(/ on udp:\/\/\S*?:(\d+)(?= |\n)/)
  const [, port] = await ready
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number> => {
    context.signals.emit(signal, signal)
    return within(5000, 'the end', code)
  }
  const one = { context, port: Number(port), code, stop }
  running.push(one)
  return one
}

async function peer(host?: string): Promise<UdpPeer> {
  const one = await UdpPeer.open(host)
  peers.push(one)
  return one
}

describe('sockctl udp listen', () => {
  it('says where it listens, and who sent what; payloads go to stdout as they came', async () => {
    const { context, port, stop } = await listen([':0'])
    const v4 = await peer()
    const v6 = await peer('::1')
    await v4.send('hello\n', port)
    await context.stderr.until(/#1/)
    await v6.send(Buffer.from([1, 0, 0xaf]), port, '::1')
    await context.stderr.until(/#2/)
    await v4.send('', port)
    await context.stderr.until(/#3/)
    expect(await stop()).toBe(143)
    expect(context.stderr.text.split('\n')).toEqual([
      `listening on udp://127.0.0.1:${port} and udp://[::1]:${port}`,
      `#1 127.0.0.1:${v4.port}  6 B  hello\\n`,
      `#2 [::1]:${v6.port}  3 B  01 00 af`,
      `#3 127.0.0.1:${v4.port}  0 B  (empty)`,
      'stopped: 3 datagrams, 9 B',
      '',
    ])
    expect(context.stdout.bytes).toEqual(Buffer.from('hello\n\x01\0\xaf', 'latin1'))
  })

  it('shows datagrams as lines on a terminal, cut to its width', async () => {
    const { context, port, stop } = await listen([':0', '--color', 'never'], { columns: 40 })
    const client = await peer()
    await client.send('x'.repeat(1000), port)
    const [line = ''] = await context.stdout.until(/^#1 .*$/m)
    expect(line).toMatch(/^#1 127\.0\.0\.1:\d+ {2}1000 B {2}x+…$/)
    expect(line.length).toBeLessThanOrEqual(44)
    await stop()
    expect(context.stderr.text).not.toContain('#1')
  })

  it('lets no payload move the cursor', async () => {
    const { context, port, stop } = await listen([':0'], { columns: 100, env: { NO_COLOR: '1' } })
    const client = await peer()
    const hostile = [
      '\x1b[2J\x1b[H',
      '\u009b2J',
      '\x07',
      'x\u202ey\u2066',
      '\r\x1b]0;title\x07',
      '\x7f',
    ]
    for (const one of hostile) await client.send(one, port)
    await context.stdout.until(/#6/)
    await stop()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
    const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066]/
    expect(context.stdout.text + context.stderr.text).not.toMatch(obeyed)
    expect(context.stdout.text).toContain('x\\u{202e}y\\u{2066}')
  })

  it('shows text as hex, and all of it, with --hex', async () => {
    const { context, port } = await listen([':0', '--hex'], { columns: 30 })
    await (await peer()).send('A'.repeat(100), port)
    await context.stdout.until(/(41 ){99}41/)
  })

  it('ends each payload with a line break with --lines', async () => {
    const { context, port, stop } = await listen([':0', '--lines', '--accepts', '2'])
    const client = await peer()
    await client.send('no line break', port)
    await client.send('one\n', port)
    await stop()
    expect(context.stdout.text).toBe('no line break\none\n')
  })

  it('says nothing on stderr with --quiet', async () => {
    const { code, stderr } = await run(['udp', 'listen', ':0', '-q', '--for', '20ms'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('writes events as JSON, one per line', async () => {
    const { context, port, stop } = await listen([':0', '-4', '--json', '--echo'])
    const client = await peer()
    await client.ask('text \x1b[2J\u009b', port)
    await client.ask(Buffer.from([0xff, 0xfe]), port)
    await client.ask('', port)
    expect(await stop('SIGINT')).toBe(130)
    expect(context.stdout.text).not.toContain('\u009b')
    const time = '2026-01-02T03:04:05.678Z'
    const lost = process.platform === 'linux' ? { lost: 0 } : {}
    const local = { family: 'ipv4', host: '127.0.0.1', port }
    const remote = { ...local, port: client.port }
    const both = { time, remote, local }
    const events = context.stdout.text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events).toEqual([
      { event: 'listening', time, addresses: [local] },
      { event: 'datagram', id: 1, bytes: 11, text: 'text \x1b[2J\u009b', ...both },
      { event: 'answered', id: 1, bytes: 11, ...both },
      { event: 'datagram', id: 2, bytes: 2, base64: '//4=', ...both },
      { event: 'answered', id: 2, bytes: 2, ...both },
      { event: 'datagram', id: 3, bytes: 0, text: '', ...both },
      { event: 'answered', id: 3, bytes: 0, ...both },
      {
        event: 'end',
        time,
        reason: 'stopped',
        datagrams: 3,
        bytes: 13,
        replies: 3,
        denied: 0,
        ...lost,
      },
    ])
    expect(context.stderr.text).toBe('')
  })

  it('echoes, and keeps stdout empty', async () => {
    const { context, port, stop } = await listen(['--echo'])
    expect((await (await peer('::1')).ask('ping', port, '::1')).data.toString()).toBe('ping')
    await stop()
    expect(context.stderr.text).toMatch(
      /^echo on udp:.*\n#1 \[::1\]:\d+ {2}4 B {2}ping\nstopped: 1 /,
    )
    expect(context.stdout.text).toBe('')
  })

  it('replies with a text or a file, and discards', async () => {
    const text = await listen(['--reply', 'a\\x00b\\n'])
    const client = await peer()
    expect((await client.ask('?', text.port)).data).toEqual(Buffer.from('a\0b\n'))
    const file = join(folder, 'reply')
    writeFileSync(file, Buffer.from([1, 2, 3]))
    const fromFile = await listen(['--reply-file', file])
    expect((await client.ask('?', fromFile.port)).data).toEqual(Buffer.from([1, 2, 3]))
    const discard = await listen(['--discard'])
    await client.send('?', discard.port)
    await discard.context.stderr.until(/^discard on .*\n#1 /)
    expect(discard.context.stdout.text).toBe('')
  })

  it.skipIf(outside === undefined)('says why it does not answer', async () => {
    // Open to the network, though its only peer here is this machine.
    const argv = ['0.0.0.0:0', '--reply', 'longer than the question', '--allow', '0.0.0.0/0']
    const { context, port } = await listen(argv)
    await (await peer(outside)).send('?', port, outside)
    const [line] = await context.stderr.until(/#1 not answered: .*/)
    expect(line).toMatch(/the reply \(24 B\) is longer than what came \(1 B\)/)
  })

  it('shows who is not allowed', async () => {
    const { context, port, stop } = await listen(['--deny', '127.0.0.2', '--deny', '::1'])
    await (await peer('127.0.0.2')).send('no', port)
    await context.stderr.until(/^127\.0\.0\.2:\d+ {2}2 B {2}not allowed$/m)
    await (await peer('::1')).send('no', port, '::1')
    await context.stderr.until(/^\[::1\]:\d+ {2}2 B {2}not allowed$/m)
    await stop()
    expect(context.stderr.text).toContain('stopped: 0 datagrams, 0 B, 2 not allowed\n')
    expect(context.stdout.text).toBe('')
  })

  it.each([
    [['--once'], 1],
    [['--accepts', '3'], 3],
  ])('stops after the datagrams that %j asks for', async (flags, count) => {
    const { context, port, code } = await listen(flags)
    const client = await peer()
    for (let i = 0; i < count; i++) await client.send(`${i}`, port)
    expect(await within(5000, 'the end', code)).toBe(0)
    expect(context.stdout.text).toBe('012'.slice(0, count))
  })

  it.each([
    [['--for', '20ms'], 0, ''],
    [['--idle', '20ms'], 0, ''],
    [['--for', '20ms', '--once'], 5, 'sockctl: 0 of 1 datagrams came in time\n'],
    [['--idle', '20ms', '--accepts', '2'], 5, 'sockctl: 0 of 2 datagrams came in time\n'],
  ])('ends in time with %j', async (flags, expected, message) => {
    const { code, stderr } = await run(['udp', 'listen', ':0', ...flags])
    expect(code).toBe(expected)
    expect(stderr).toMatch(new RegExp(`stopped.*: 0 datagrams, 0 B\n${message}$`))
  })

  it('stops, with exit code 0, when nobody reads its stdout any more', async () => {
    const { context, code } = await listen([':0'])
    context.closeOutput()
    expect(await within(5000, 'the end', code)).toBe(0)
  })

  it('writes its port to a file as soon as it listens, and takes it away at the end', async () => {
    const file = join(folder, 'port')
    const { port, stop } = await listen([':0', '--port-file', file])
    expect(readFileSync(file, 'utf8')).toBe(`${port}\n`)
    expect(readdirSync(folder).filter(name => name.startsWith('port'))).toEqual(['port'])
    await stop()
    expect(existsSync(file)).toBe(false)
  })

  it('names who has its port', async () => {
    const other = await peer()
    const { code, stderr } = await run(['udp', 'listen', `:${other.port}`])
    expect(code).toBe(7)
    expect(stderr).toMatch(
      new RegExp(
        `^sockctl: cannot listen on udp://:${other.port}: address in use \\(EADDRINUSE\\)\n  held by .*pid ${process.pid}`,
      ),
    )
  })

  it('warns of what is open to the network', async () => {
    const { context, port } = await listen([':0', '--public'])
    await context.stderr.until(
      /on udp:\/\/0\.0\.0\.0:\d+ and udp:\/\/\[::\]:\d+\nopen to everybody/,
    )
    const { context: limited } = await listen([':0', '--public', '--allow', '127.0.0.1'])
    expect(limited.stderr.text).not.toContain('everybody')
    expect(port).toBeGreaterThan(0)
  })

  it('rejects a reply that does not fit in one datagram', async () => {
    const { code, stderr } = await run(['udp', 'listen', '--reply', 'x'.repeat(65_508)])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^sockctl: a reply of 65508 bytes .*\(65507 at most\)\n$/)
  })

  it.each([
    [['53x'], 2],
    [[':99999'], 2],
    [['tcp://:1'], 9],
    [['unix:/tmp/x'], 9],
    [['-p', 'x'], 2],
    [['-4', '-6'], 2],
    [['--interface', 'no-such-interface'], 3],
    [['239.1.2.3:0', '--interface', 'no-such-interface'], 3],
    [['192.0.2.77:0'], 3],
    [['host.invalid:0'], 3],
    [['--echo', '--discard'], 2],
    [['--echo', '--reply', 'x', '--reply-file', '/dev/null'], 2],
    [['--reply', '\\q'], 2],
    [['--reply-file', '/no/such/file'], 3],
    [['--accepts', '0'], 2],
    [['--accepts', '-1'], 2],
    [['--accepts', '1', '--once'], 2],
    [['--for', 'soon'], 2],
    [['--idle', '-1s'], 2],
    [['--rcvbuf', 'big'], 2],
    [['--sndbuf', '1x'], 2],
    [['--allow', '10.0.0.0/33'], 2],
    [['--deny', 'localhost'], 2],
    [['--json', '--hex'], 2],
    [['--json', '--lines'], 2],
    [['--color', 'blue'], 2],
    [['--ready-fd', 'x'], 2],
    [['--port-file', '/no/such/folder/port'], 3],
    [['--public', '--echo'], 2],
    [['--nope'], 2],
    [[':0', '--', 'true'], 2],
  ])('rejects %j with exit code %d, and says why', async (flags, expected) => {
    const { code, stdout, stderr } = await run(['udp', 'listen', ...flags])
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toMatch(/^sockctl: .+\n/)
  })
})
