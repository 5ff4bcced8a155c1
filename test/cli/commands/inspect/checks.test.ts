import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../../support/context.ts'
import { parseExposition } from '../../../support/exposition.ts'
import { hasPeer } from '../../../support/peers.ts'
import { listenOnQuietPort } from '../../../support/quiet-port.ts'

/** A listener of this process with one connection, and a folder for files. */
let folder: string
let server: Server
let port: number
let accepted: Socket[]
const closers: (() => void)[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sockctl-checks-'))
  accepted = []
  server = await listen()
  port = portOf(server)
  await visit()
})

afterEach(() => {
  for (const close of closers.splice(0)) close()
  rmSync(folder, { recursive: true })
})

async function listen(): Promise<Server> {
  const one = createServer({ allowHalfOpen: true }, socket => {
    accepted.push(socket.resume())
    closers.push(() => socket.destroy())
  })
  closers.push(() => one.close())
  await listenOnQuietPort(one)
  return one
}

function portOf(one: Server): number {
  return (one.address() as AddressInfo).port
}

/** Makes one more connection to the server; both ends stay open. */
async function visit(): Promise<Socket> {
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  closers.push(() => client.destroy())
  await Promise.all([once(client, 'connect'), once(server, 'connection')])
  return client
}

const inspect = (...argv: string[]) => run(['inspect', ...argv])
const file = (name: string): string => join(folder, name)

function write(name: string, text: string): string {
  writeFileSync(file(name), text)
  return file(name)
}

/** Only this server's, whatever else the machine does: listeners and connections of its port. */
const ours = (): string[] => [`port = :${port}`]

describe('--fail-if-any, --fail-if-none and --max', () => {
  it('says no with the count, the selection and the first few', async () => {
    const { code, stdout, stderr } = await inspect(`${port}`, '--fail-if-any')
    expect(code).toBe(1)
    expect(stdout.split('\n')).toHaveLength(5)
    const [reason, ...first] = stderr.trimEnd().split('\n')
    expect(reason).toBe(`sockctl: 3 TCP or UDP sockets on port ${port}, wanted none`)
    expect(first).toHaveLength(3)
    expect(first[0]).toContain(`  tcp LISTEN 127.0.0.1:${port}, `)
    expect(first[0]).toContain(`pid=${process.pid}`)
  })

  it('names no more than five', async () => {
    await visit()
    await visit()
    const { stderr } = await inspect(`${port}`, '--max', '6')
    expect(stderr).toContain('sockctl: 7 TCP or UDP sockets')
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('  and 2 more')
    expect(stderr.trimEnd().split('\n')).toHaveLength(7)
  })

  it.each<[string, string[], number]>([
    ['--fail-if-none of some', ['--fail-if-none'], 0],
    ['--max of as many', ['--max', '3'], 0],
    ['--max of more', ['--max', '2'], 1],
    ['--fail-if-none with --max', ['--fail-if-none', '--max', '2'], 1],
    ['in state close-wait', ['--state', 'close-wait', '--fail-if-any'], 0],
    ['in state close-wait, --fail-if-none', ['--state', 'close-wait', '--fail-if-none'], 1],
    ['as JSON', ['--json', '--fail-if-any'], 1],
    ['as a summary', ['-s', '--fail-if-any'], 1],
    ['as groups', ['--group-by', 'state', '--max', '3'], 0],
    ['as CSV', ['--csv', '--max', '3'], 0],
    ['as metrics', ['--prom', '--fail-if-any'], 1],
  ])('takes %s', async (_, flags, expected) => {
    expect((await inspect(`${port}`, ...flags)).code).toBe(expected)
  })

  it('says nothing with -q, and 0 or 1 as grep does', async () => {
    for (const [flags, expected] of [
      [[`${port}`, '-q'], 0],
      [[`${port}`, '--state', 'close-wait', '-q'], 1],
      [[`${port}`, '-q', '--fail-if-any'], 1],
      [[`${port}`, '-q', '--max', '3'], 0],
    ] as const) {
      expect(await inspect(...flags)).toEqual({ code: expected, stdout: '', stderr: '' })
    }
  })

  it.each([
    [['--github'], '--github shows the results of checks, and there is none'],
    [['--junit'], '--junit shows the results of checks, and there is none'],
    [['--fail-if-any', '--fail-if-none'], "'--fail-if-any' cannot be used with"],
    [['--max', 'many'], 'not a whole number: "many"'],
    [['--prom', '--json'], 'cannot be used with'],
    [['--diff', 'x', '--max', '3'], 'cannot be used with'],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await inspect(...flags)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

describe('--save and --diff', () => {
  it('keeps the document, for this user only, and finds nothing new in it', async () => {
    const saved = await inspect(...ours(), '--save', file('a.json'))
    expect(saved).toEqual({ code: 0, stdout: '', stderr: `3 sockets saved to ${file('a.json')}\n` })
    if (process.platform !== 'win32') expect(statSync(file('a.json')).mode & 0o777).toBe(0o600)
    const document = JSON.parse(readFileSync(file('a.json'), 'utf8'))
    expect(document).toMatchObject({ schema: 1, selection: { filter: `port = :${port}` } })
    const { code, stdout } = await inspect(...ours(), '--diff', file('a.json'))
    expect(stdout).toContain('ok    nothing is new since 2026-01-02T03:04:05.678Z: 1 listener')
    expect(code).toBe(0)
  })

  it('finds a connection that its process does not close', async () => {
    const client = await visit()
    await inspect(...ours(), '--save', file('a.json'))
    const [, socket] = accepted
    client.end()
    if (socket !== undefined) await once(socket, 'end')
    const { code, stdout, stderr } = await inspect(...ours(), '--diff', file('a.json'))
    expect(stdout).toMatch(
      new RegExp(
        `^FAIL  1 more connection of \\S+ at 127\\.0\\.0\\.1:${port} from 127\\.0\\.0\\.1 in close-wait: 0 before, 1 now$`,
        'm',
      ),
    )
    expect(stdout).toContain('was established')
    expect(stderr).toMatch(/^sockctl: \d of \d checks? failed\n$/)
    expect(code).toBe(1)
  })

  it('finds a new listener and more connections, as a document', async () => {
    await inspect('-t', '--save', file('a.json'))
    const other = await listen()
    const { code, stdout } = await inspect('-t', '--diff', file('a.json'), '--json')
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({
      schema: 1,
      host: expect.any(String),
      warnings: expect.any(Array),
    })
    expect(document.checks).toContainEqual({
      name: 'diff.new-listener',
      subject: `tcp 127.0.0.1:${portOf(other)}`,
      ok: false,
      severity: 'problem',
      message: expect.stringContaining(`pid=${process.pid}`),
      details: expect.any(Array),
    })
    expect(code).toBe(1)
    expect(await inspect('-t', '-q', '--diff', file('a.json'))).toEqual({
      code: 1,
      stdout: '',
      stderr: '',
    })
  })

  it('compares with a plain --json as well', async () => {
    const { stdout } = await inspect(...ours(), '--json')
    const { code } = await inspect(...ours(), '--diff', write('plain.json', stdout))
    expect(code).toBe(0)
  })

  it('keeps a new moment beside a comparison', async () => {
    await inspect(...ours(), '--save', file('a.json'))
    await inspect(...ours(), '--diff', file('a.json'), '--save', file('b.json'), '-q')
    expect((await inspect(...ours(), '--diff', file('b.json'))).code).toBe(0)
  })

  it.each<[string, () => string[], number, string]>([
    ['no JSON', () => ['--diff', write('x', 'PROTO')], 2, 'it is no JSON'],
    ['another schema', () => ['--diff', write('x', '{"schema":7}')], 2, 'its schema is 7'],
    ['no file', () => ['--diff', file('none')], 3, 'no such file or folder'],
    ['a folder', () => ['--save', folder], 2, 'that is a folder'],
    ['pasted text', () => ['-', '--save', file('x')], 2, 'does not tell who holds'],
    ['a folder that is not there', () => ['--save', join(folder, 'no', 'x')], 3, 'cannot write'],
  ])('refuses %s', async (_, flags, expected, message) => {
    const { code, stderr } = await inspect(...flags())
    expect(stderr).toContain(message)
    expect(code).toBe(expected)
  })

  it('refuses to compare other sockets', async () => {
    await inspect('-t', '--save', file('a.json'))
    const { code, stderr } = await inspect('-u', '--diff', file('a.json'))
    expect(stderr).toContain('is about other sockets than are asked for now: protocols tcp there')
    expect(code).toBe(2)
  })

  it('does not write through what others put in its way', async () => {
    const precious = write('precious', 'mine')
    symlinkSync(precious, `${file('a.json')}.${process.pid}`)
    await inspect(...ours(), '--save', file('a.json'))
    expect(readFileSync(precious, 'utf8')).toBe('mine')
    expect(JSON.parse(readFileSync(file('a.json'), 'utf8')).schema).toBe(1)
  })
})

describe('--policy', () => {
  it('keeps to what --write-policy prints', async () => {
    const { stdout, code } = await inspect('-t', '--write-policy')
    expect(stdout).toMatch(new RegExp(`^tcp 127\\.0\\.0\\.1:${port} \\S+ user=\\S+$`, 'm'))
    expect(code).toBe(0)
    // What others open in the meantime is not what this is about.
    const policy = write('p', stdout.replace('default deny', 'default allow'))
    const checked = await inspect('-t', '--policy', policy)
    expect(checked.stdout).toMatch(new RegExp(`^ok    tcp 127\\.0\\.0\\.1:${port} is allowed`, 'm'))
    expect(checked.code).toBe(0)
  })

  it('reports what is not allowed, who holds it, and what is missing', async () => {
    const policy = `default allow\ndeny tcp localhost:${port}\nrequire tcp 127.0.0.1:1 init\n`
    const { code, stdout, stderr } = await inspect('--policy', write('p', policy))
    expect(stdout).toContain(
      `FAIL  tcp 127.0.0.1:${port} is not allowed: line 2: deny tcp localhost:${port}\n`,
    )
    expect(stdout).toMatch(new RegExp(`^ {6}held by .* pid=${process.pid} fd=`, 'm'))
    expect(stdout).toContain(
      'FAIL  what is required does not listen: line 3: require tcp 127.0.0.1:1 init\n',
    )
    expect(stderr).toMatch(/^sockctl: 2 of \d+ checks failed\n$/)
    expect(code).toBe(1)
  })

  it('looks at unix sockets when the policy names them', async () => {
    const path = file('app.sock')
    const one = createServer().listen(path)
    closers.push(() => one.close())
    await once(one, 'listening')
    const policy = write('p', `default allow\ndeny unix ${path}\n`)
    const { code, stdout } = await inspect('--policy', policy)
    expect(stdout).toContain(`FAIL  unix ${path} is not allowed`)
    expect(code).toBe(1)
  })

  it('points at what cannot be read', async () => {
    const policy = write('p', 'default deny\ntcp *:80 nginx apache\n')
    expect(await inspect('--policy', policy)).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        `sockctl: ${policy}:2:16: this does not belong here`,
        '  tcp *:80 nginx apache',
        '                 ^^^^^^',
        '  Several names stand between commas: nginx,"my app".',
        '',
      ].join('\n'),
    })
    expect((await inspect('--policy', policy, '8080')).stderr).toContain('everything that listens')
    expect((await inspect('--policy', file('none'))).code).toBe(3)
  })
})

describe('--github, --junit and --prom', () => {
  it('writes an annotation for each failure', async () => {
    const policy = write('p', `default allow\ndeny tcp *:${port}\n`)
    const { code, stdout } = await inspect('--policy', policy, '--github')
    expect(stdout).toMatch(
      new RegExp(
        `^::error title=sockctl policy\\.listener%3A tcp 127\\.0\\.0\\.1%3A${port}::tcp .*%0Aheld by .*\n$`,
      ),
    )
    expect(code).toBe(1)
    expect((await inspect(`${port}`, '--fail-if-none', '--github')).stdout).toBe('')
  })

  it.skipIf(!hasPeer('xmllint'))('writes XML that xmllint takes', async () => {
    const policy = write('p', `default allow\ndeny tcp *:${port}\n`)
    const { stdout } = await inspect('--policy', policy, '--junit')
    const failures = execFileSync('xmllint', ['--noent', '--xpath', 'count(//failure)', '-'], {
      input: stdout,
      encoding: 'utf8',
    })
    expect(failures.trim()).toBe('1')
  })

  it('writes the results of an assertion as a test', async () => {
    const { code, stdout } = await inspect(`${port}`, '--max', '1', '--junit')
    expect(stdout).toContain('tests="1" failures="1" errors="0"')
    expect(stdout).toContain('classname="sockctl.assert.max"')
    expect(code).toBe(1)
  })

  it('writes metrics of every state, and of this listener', async () => {
    const { code, stdout } = await inspect('--prom')
    const samples = parseExposition(stdout)
    const queue = samples.filter(({ labels }) => labels.port === `${port}`)
    expect(queue.map(({ name }) => name)).toEqual([
      'sockctl_listener_accept_queue',
      'sockctl_listener_accept_queue_limit',
      'sockctl_listener_drops_total',
    ])
    const established = samples.find(({ labels }) => labels.state === 'established')
    expect(established?.value).toBeGreaterThanOrEqual(2)
    expect(samples.some(({ labels }) => labels.state === 'closing')).toBe(true)
    expect(code).toBe(0)
  })

  it('writes metrics where there is nothing, with exit code 0: none is a number', async () => {
    const { code, stdout } = await inspect(`${port}`, '--state', 'close-wait', '--prom')
    expect(parseExposition(stdout).filter(({ name }) => name === 'sockctl_sockets')).toEqual([])
    expect(code).toBe(0)
  })

  it('counts by process', async () => {
    const { stdout } = await inspect(`${port}`, '--prom', '--group-by', 'process')
    const counts = parseExposition(stdout).filter(({ name }) => name === 'sockctl_sockets')
    expect(counts.map(({ labels, value }) => [labels.state, value])).toEqual([
      ['established', 2],
      ['listen', 1],
    ])
    expect(new Set(counts.map(({ labels }) => labels.process)).size).toBe(1)
  })
})
