import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createServer as createSecureServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IssuedCertificate } from '../../src/transports/tls/issue-certificate.ts'
import { certificateFor } from '../support/certificates.ts'
import { Sockctl, type SpawnOptions, sockctl, startServe } from '../support/sockctl.ts'
import { startTlsServe } from '../support/tls-serve.ts'

const folder = mkdtempSync(join(tmpdir(), 'sockctl-tls-'))
const running: { [Symbol.asyncDispose](): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function serveTls(argv: readonly string[], options?: SpawnOptions) {
  const started = await startTlsServe(argv, options)
  running.push(started.server)
  return started
}

async function servePlain(argv: readonly string[]) {
  const started = await startServe(argv)
  running.push(started.server)
  return started
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

/** Certificate and key in files, and the CA. */
function files(name: string, { cert, key, ca }: IssuedCertificate) {
  return {
    cert: file(`${name}.pem`, cert),
    key: file(`${name}-key.pem`, key),
    ca: file(`${name}-ca.pem`, ca),
  }
}

let client: ReturnType<typeof files>
let own: ReturnType<typeof files>
beforeAll(async () => {
  client = files('client', await certificateFor(['alice'], { usage: 'client' }))
  own = files('own', await certificateFor())
})

describe('serve --tls', () => {
  it('makes a certificate, and removes what a client needs to trust it at the end', async () => {
    const { server, port, ca } = await serveTls(['--tls-name', 'shop.example', ':0'])
    await server.says('stderr', /connect --ca/)
    const lines = server.stderr.split('\n')
    expect(lines[0]).toBe(`echo on tls://127.0.0.1:${port} and tls://[::1]:${port}`)
    expect(lines[1]).toMatch(
      /^certificate made for this run, for localhost, 127\.0\.0\.1, ::1, shop\.example, valid until \d{4}-\d\d-\d\d$/,
    )
    expect(lines[2]).toMatch(/^ {2}SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(statSync(dirname(ca)).mode & 0o777).toBe(0o700)
    expect(readFileSync(ca, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
    expect(readFileSync(ca, 'utf8')).not.toContain('PRIVATE')
    server.child.kill('SIGTERM')
    expect((await server.outcome()).code).toBe(143)
    expect(existsSync(dirname(ca))).toBe(false)
  })

  it('echoes to connect, which verifies it, and both say what was agreed on', async () => {
    const { server, port, ca } = await serveTls(['--alpn', 'h2,echo', ':0'])
    const argv = ['connect', `tls://localhost:${port}`, '--ca', ca, '--alpn', 'echo', '-v']
    const outcome = await sockctl(argv, { stdin: 'hello' })
    expect(outcome).toMatchObject({ code: 0, stdout: 'hello' })
    expect(outcome.stderr).toMatch(
      /connected to tls:\/\/\S+ from \S+ {2}tls 1\.3, cipher \w+, sni localhost, alpn echo, subject CN=localhost, sha256 /,
    )
    await server.says(
      'stderr',
      /#1 open {3}\S+ {2}tls 1\.3, cipher \w+, sni localhost, alpn echo\n/,
    )
    await server.says('stderr', /#1 close .*in 5 B {2}out 5 B .*FIN by peer/)
  })

  it('is left by connect in good order as soon as it has what it wants', async () => {
    const { server, port, ca } = await serveTls([':0'])
    const argv = ['connect', `tls://localhost:${port}`, '--ca', ca, '--lines', '1', '-v']
    for (let round = 1; round <= 4; round++) {
      const outcome = await sockctl([...argv, '--send', 'hello\\n'])
      expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' })
      expect(outcome.stderr).toMatch(/\nin 6 B {2}out 6 B {2}/)
      await server.says('stderr', new RegExp(`#${round} close .*in 6 B {2}out 6 B .*FIN by peer`))
    }
  })

  it('takes certificate and key from files, or the key from the environment', async () => {
    const argv = ['--tls', '--cert', own.cert, ':0']
    const { port } = await servePlain([...argv, '--key', own.key])
    const words = ['--ca', own.ca]
    const ask = (to: number) =>
      sockctl(['connect', `tls://localhost:${to}`, ...words], { stdin: 'x' })
    expect(await ask(port)).toMatchObject({ code: 0, stdout: 'x' })

    const options = { env: { TLS_KEY: readFileSync(own.key, 'utf8') } }
    const exec = ['--exec', `sh -c 'echo "key: $TLS_KEY."'`]
    const started = await startServe([...argv, '--key', 'env:TLS_KEY', ...exec], options)
    running.push(started.server)
    // What runs for the peers need not know the key.
    expect(await ask(started.port)).toMatchObject({ code: 0, stdout: 'key: .\n' })
  })

  it('lets in only whom a CA has given a certificate', async () => {
    const { server, port, ca } = await serveTls(['--client-ca', client.ca, ':0'])
    const argv = ['connect', `tls://localhost:${port}`, '--ca', ca]
    const alice = ['--cert', client.cert, '--key', client.key]
    expect(await sockctl([...argv, ...alice], { stdin: 'x' })).toMatchObject({
      code: 0,
      stdout: 'x',
    })
    await server.says('stderr', /#1 open .*subject CN=alice/)
    const nobody = await sockctl([...argv, '--recv-only'])
    expect(nobody.code).toBe(6)
    expect(nobody.stderr).toContain('it lets in only clients that show a certificate')
    expect(nobody.stderr).toContain('--cert <file> --key <file>')
    await server.says('stderr', /closed \S+: no TLS: it has shown no certificate/)
  })

  it('writes a key log that only we may read', async () => {
    const keylog = join(folder, 'keys.log')
    const { port, ca } = await serveTls(['--keylog', keylog, ':0'])
    await sockctl(['connect', `tls://localhost:${port}`, '--ca', ca], { stdin: 'x' })
    expect(readFileSync(keylog, 'utf8')).toMatch(/^SERVER_TRAFFIC_SECRET_0 [0-9a-f]+ [0-9a-f]+$/m)
    expect(statSync(keylog).mode & 0o777).toBe(0o600)
  })

  it('is trusted by a command of Node without more, whatever that trusts already', async () => {
    const script = `
      const socket = require('tls').connect({
        host: process.env.SOCKCTL_HOST, port: process.env.SOCKCTL_PORT, servername: 'localhost',
      }, () => { console.log(socket.authorized, process.env.SOCKCTL_URL.split(':')[0]); socket.resume().end() })`
    for (const env of [{}, { NODE_EXTRA_CA_CERTS: own.ca }]) {
      const argv = ['serve', '--tls', '-q', '--', process.execPath, '-e', script]
      expect(await sockctl(argv, { env })).toMatchObject({ code: 0, stdout: 'true tls\n' })
    }
  })

  it.each([
    [['--cert', 'x', ':0'], 2, '--cert goes with --tls, or a tls:// endpoint'],
    [['--tls-name', 'x', ':0'], 2, '--tls-name goes with --tls'],
    [['--tls', '--cert', 'x'], 2, '--cert goes with --key'],
    [['--tls', '--cert', '/none', '--key', '/none'], 3, 'cannot read /none: no such file'],
    [['--tls', 'unix:/tmp/never'], 2, '--tls is for TCP'],
    [['--tls', '--tls-min', '1.3', '--tls-max', '1.2'], 2, '--tls-min 1.3 is newer than'],
    [['--tls', '--tls-min', '1.4'], 2, '"1.4" is not one of 1.0, 1.1, 1.2, 1.3'],
    [['--tls', '--ciphers', 'NONE'], 2, 'cannot set TLS up: no such cipher'],
  ])('refuses %j', async (argv, code, reason) => {
    const outcome = await sockctl(['serve', ...argv])
    expect(outcome.stderr).toContain(reason)
    expect(outcome.code).toBe(code)
  })

  it('passes on to a plain server, half-close and 64 MiB and all', async () => {
    const upstream = await servePlain([])
    const { port, ca } = await serveTls(['--forward', `127.0.0.1:${upstream.port}`, ':0'])
    const path = file('big', Buffer.alloc(64 * 1024 * 1024, 'sockctl\n'))
    const back = join(folder, 'back')
    const argv = [
      'connect',
      `tls://localhost:${port}`,
      '--ca',
      ca,
      '--send-file',
      path,
      '-N',
      '-o',
      back,
    ]
    const run = new Sockctl(argv)
    running.push(run)
    run.child.stdout?.removeAllListeners('data')
    run.child.stdout?.resume()
    run.child.stdin?.end()
    expect((await run.outcome(60_000)).code).toBe(0)
    expect(readFileSync(back).equals(readFileSync(path))).toBe(true)
  }, 90_000)
})

describe('connect --tls', () => {
  it('shows whose certificate it is, also of a peer that is not trusted', async () => {
    const { server, port, ca } = await serveTls([':0'])
    const argv = ['connect', `tls://localhost:${port}`, '--show-cert']
    const trusted = await sockctl([...argv, '--ca', ca])
    expect(trusted.code).toBe(0)
    expect(trusted.stdout).toMatch(/^certificate of the peer\n {2}subject {2}CN=localhost\n/)
    expect(trusted.stdout).toContain('  names    localhost, 127.0.0.1, ::1\n')
    expect(trusted.stdout).toMatch(/\nissued by \(1\)\n[\s\S]*\nverified\n$/)
    const [, fingerprint] = await server.says('stderr', /SHA-256 (\S+)/)
    expect(trusted.stdout).toContain(`  sha256   ${fingerprint}\n`)
    await server.says('stderr', /#1 close .*FIN by peer/)
    const stranger = await sockctl(argv)
    expect(stranger.code).toBe(6)
    expect(stranger.stdout).toContain(`  sha256   ${fingerprint}\n`)
    expect(stranger.stdout).toContain('not verified: cannot trust')
    expect((await sockctl([...argv, '--insecure'])).code).toBe(0)
  })

  it('says in its exit code whether a certificate ends too soon', async () => {
    const { port, ca } = await serveTls([':0'])
    const argv = ['connect', `tls://localhost:${port}`, '--ca', ca, '--expect-cert-days']
    const fine = await sockctl([...argv, '6'])
    expect(fine.stdout).toMatch(
      /: the certificate of CN=localhost is valid for 6 more days, to \S+\n$/,
    )
    expect(fine.code).toBe(0)
    const soon = await sockctl([...argv, '14'])
    expect(soon.stderr).toContain('is valid for 6 more days')
    expect(soon.stderr).toContain('14 were expected')
    expect(soon.code).toBe(1)
  })

  it('says with --insecure what it has not verified', async () => {
    const { port } = await serveTls([':0'])
    const argv = ['connect', '--tls', `localhost:${port}`, '--insecure', '--quiet']
    const outcome = await sockctl(argv, { stdin: 'x' })
    expect(outcome).toMatchObject({ code: 0, stdout: 'x' })
    expect(outcome.stderr).toMatch(/^not verified \(--insecure\): cannot trust .*CN=sockctl CA/)
  })

  it('takes an end without close_notify for what it is', async () => {
    const port = await startRudeServer('not quite all')
    const outcome = await sockctl(['connect', `tls://127.0.0.1:${port}`, '--ca', own.ca])
    expect(outcome.stdout).toBe('not quite all')
    expect(outcome.code).toBe(4)
    expect(outcome.stderr).toMatch(
      /lost the connection to \S+ after 13 bytes: it ended without close_notify/,
    )
  })

  it('says of a peer that answers with an alert that it speaks TLS', async () => {
    const { server, port } = await serveTls([':0'])
    const outcome = await sockctl(['connect', `localhost:${port}`], { stdin: 'hello\n' })
    expect(outcome.code).toBe(6)
    expect(outcome.stderr).toMatch(/speaks TLS, and answers with nothing but an alert of it \(10\)/)
    expect(outcome.stderr).toContain('connect --tls')
    await server.says('stderr', /closed \S+: speaks no TLS \(it said: "hello"\)/)
  })

  it('is noted by a plain server, once, unless that passes it on', async () => {
    const plain = await servePlain([])
    const outcome = await sockctl(['connect', `tls://localhost:${plain.port}`])
    expect(outcome.code).toBe(6)
    expect(outcome.stderr).toContain('an echo without TLS')
    await plain.server.says('stderr', /#1 close/)
    const note = '#1 speaks TLS, and this port does not: serve --tls\n'
    expect(plain.server.stderr.split(note)).toHaveLength(2)
    const { port, ca } = await serveTls([':0'])
    const proxy = await servePlain(['--forward', `127.0.0.1:${port}`])
    const through = ['connect', `tls://localhost:${proxy.port}`, '--ca', ca]
    expect((await sockctl(through, { stdin: 'x' })).stdout).toBe('x')
    expect(proxy.server.stderr).not.toContain('speaks TLS')
  })

  it('sees with -z whether a port speaks TLS', async () => {
    const secure = await serveTls([':0'])
    const plain = await servePlain([])
    const argv = ['connect', '-z', '--ssl', '--ca', secure.ca, 'localhost']
    expect((await sockctl([...argv, `${secure.port}`])).code).toBe(0)
    expect((await sockctl([...argv, `${plain.port}`])).code).toBe(6)
    expect((await sockctl([...argv.slice(0, -1), '-U', '/none'])).code).toBe(2)
  })

  it('times out where a server is silent', async () => {
    const { port } = await servePlain(['--hang'])
    const outcome = await sockctl(['connect', `tls://localhost:${port}`, '-w', '300ms'])
    expect(outcome.code).toBe(5)
    expect(outcome.stderr).toContain('no handshake in 300 ms')
  })
})

/** Says something under TLS, and ends the TCP connection without a word of it. */
async function startRudeServer(words: string): Promise<number> {
  const secure = createSecureServer({ cert: readFileSync(own.cert), key: readFileSync(own.key) })
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    secure.emit('connection', socket)
  })
  secure.on('secureConnection', socket => socket.write(words, () => sockets[0]?.end()))
  running.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('serve --tls --json', () => {
  it('says where the certificate of the CA lies, and what it is for', async () => {
    const { server, port, ca } = await serveTls(['--json', ':0'])
    const [line] = await server.says('stdout', /^\{"event":"certificate".*$/m)
    expect(JSON.parse(line)).toMatchObject({
      names: ['localhost', '127.0.0.1', '::1'],
      sha256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      notAfter: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      caFile: ca,
    })
    const { code } = await sockctl([
      ...['connect', '--ca', JSON.parse(line).caFile, `tls://127.0.0.1:${port}`],
      ...['--send', 'x', '--bytes', '1'],
    ])
    expect(code).toBe(0)
  })
})

describe('files without a certificate', () => {
  // Node would take its own CAs in their place, and let in whom any of them knows.
  it.each([
    ['serve', '--client-ca'],
    ['serve', '--cert'],
    ['connect', '--ca'],
    ['connect', '--cert'],
  ])('are refused by %s %s, with the file', async (command, option) => {
    const empty = file('empty.pem', '')
    const key = option === '--cert' ? ['--key', own.key] : []
    const { code, stderr } = await sockctl([command, 'tls://127.0.0.1:1', option, empty, ...key])
    expect({ code, said: stderr.split('\n')[0] }).toEqual({
      code: 2,
      said: `sockctl: there is no certificate in ${empty}`,
    })
  })

  it.each([
    ['DER', Buffer.from([0x30, 0x82, 1, 2]), /no certificate in .*\n {2}It has to be PEM/],
    ['one cut off', '-----BEGIN CERTIFICATE-----\nMIIB', /a certificate in .* cannot be read/],
    [
      'a key',
      '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n',
      /no certificate in/,
    ],
  ])('are refused too when they have %s', async (_, content, words) => {
    const ca = file('bad.pem', content)
    const { code, stderr } = await sockctl(['connect', 'tls://127.0.0.1:1', '--ca', ca])
    expect(code).toBe(2)
    expect(stderr).toMatch(words)
  })

  it('are refused, as are names that no certificate can have', async () => {
    for (const name of ['', 'a b', 'a,b']) {
      expect((await sockctl(['serve', 'tls://:0', '--tls-name', name])).code).toBe(2)
    }
  })
})
