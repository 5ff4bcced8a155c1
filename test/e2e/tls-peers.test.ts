import { execFile } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IssuedCertificate } from '../../src/transports/tls/issue-certificate.ts'
import { certificateFor } from '../support/certificates.ts'
import { freePort, killPeersAfterEach, startPeer } from '../support/peer-process.ts'
import { hasPeer } from '../support/peers.ts'
import { canRunPostgres, NOBODY, startPostgres } from '../support/postgres.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { startTlsServe } from '../support/tls-serve.ts'

killPeersAfterEach()

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'sockctl-tls-peers-'))
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})
afterAll(() => rmSync(folder, { recursive: true }))

function files(name: string, { cert, key, ca }: IssuedCertificate) {
  const write = (ending: string, text: string): string => {
    const path = join(folder, `${name}-${ending}.pem`)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  return { cert: write('cert', cert), key: write('key', key), ca: write('ca', ca) }
}

let own: ReturnType<typeof files>
let alice: ReturnType<typeof files>
beforeAll(async () => {
  own = files('own', await certificateFor())
  alice = files('alice', await certificateFor(['alice'], { usage: 'client' }))
})

async function serveTls(argv: readonly string[]) {
  const started = await startTlsServe(argv)
  running.push(started.server)
  return started
}

async function servePlain(argv: readonly string[]) {
  const started = await startServe(argv)
  running.push(started.server)
  return started
}

describe.skipIf(!hasPeer('openssl'))('serve --tls and openssl s_client', () => {
  const client = (port: number, ...more: readonly string[]) => [
    ...['openssl', 's_client', '-quiet', '-no_ign_eof', '-verify_return_error'],
    ...['-connect', `127.0.0.1:${port}`, '-servername', 'localhost', ...more],
  ]

  it.each(['1.2', '1.3'])('talk by TLS %s', async version => {
    const { server, port, ca } = await serveTls(['--alpn', 'h2,echo', ':0'])
    const flag = `-tls${version.replace('.', '_')}`
    const { child, says } = await startPeer(client(port, '-CAfile', ca, '-alpn', 'echo', flag))
    child.stdin.write('hello\n')
    await says(/^hello$/m)
    const facts = `tls ${version}, cipher \\w+, sni localhost, alpn echo`
    await server.says('stderr', new RegExp(`#1 open {3}\\S+ {2}${facts}\n`))
    child.stdin.end()
    await server.says('stderr', /#1 close .*in 6 B {2}out 6 B .*FIN by peer/)
  })

  it('part where it does not trust the CA, and both say so', async () => {
    const { server, port } = await serveTls([':0'])
    const { says } = await startPeer(client(port, '-CAfile', own.ca))
    await says(/verify error:.*(?:self[- ]signed|unable to)/)
    await server.says('stderr', /closed \S+: no TLS: it does not trust our CA \(alert unknown ca\)/)
  })

  it('know each other by certificate', async () => {
    const { server, port, ca } = await serveTls(['--client-ca', alice.ca, ':0'])
    const { child, says } = await startPeer(
      client(port, '-CAfile', ca, '-cert', alice.cert, '-key', alice.key),
    )
    child.stdin.write('hello\n')
    await says(/^hello$/m)
    await server.says('stderr', /#1 open .*subject CN=alice, sha256 /)
    const nobody = await startPeer(client(port, '-CAfile', ca))
    await nobody.says(/alert certificate required/)
    await server.says('stderr', /closed \S+: no TLS: it has shown no certificate/)
  })

  it('do not come to terms where no version suits both', async () => {
    const { server, port, ca } = await serveTls(['--tls-min', '1.3', ':0'])
    const { says } = await startPeer(client(port, '-CAfile', ca, '-tls1_2'))
    await says(/alert protocol version/)
    await server.says('stderr', /no TLS: its versions of TLS are not among ours/)
  })

  it('and openssl takes the certificate that was made for what it is', async () => {
    const { stdout } = await run('openssl', [
      ...['verify', '-CAfile', own.ca, '-purpose', 'sslserver', '-x509_strict'],
      ...['-verify_hostname', 'localhost', own.cert],
    ])
    expect(stdout).toBe(`${own.cert}: OK\n`)
  })
})

describe.skipIf(!hasPeer('openssl'))('connect and openssl s_server', () => {
  /** It sends back each line with its letters in reverse. */
  async function server(...more: readonly string[]): Promise<number> {
    const port = await freePort()
    const certificate = ['-cert', own.cert, '-key', own.key, '-cert_chain', own.ca]
    const argv = ['openssl', 's_server', '-accept', `127.0.0.1:${port}`, '-rev', ...certificate]
    await startPeer([...argv, ...more], /ACCEPT/)
    return port
  }

  const ask = (port: number, ...more: readonly string[]) =>
    sockctl(['connect', `tls://127.0.0.1:${port}`, '--send', 'abc\\n', '--lines', '1', ...more])

  it.each(['1.2', '1.3'])('talk by TLS %s', async version => {
    const port = await server(`-tls${version.replace('.', '_')}`, '-alpn', 'rev')
    const outcome = await ask(port, '--ca', own.ca, '--alpn', 'rev', '-v')
    expect(outcome).toMatchObject({ code: 0, stdout: 'cba\n' })
    expect(outcome.stderr).toMatch(new RegExp(`tls ${version}, cipher \\w+, alpn rev, subject CN=`))
  })

  it('do not, where its CA is another one', async () => {
    const outcome = await ask(await server(), '--ca', alice.ca)
    expect(outcome).toMatchObject({ code: 6, stdout: '' })
    expect(outcome.stderr).toMatch(/who has issued|its CA is not one that is trusted here/)
  })

  it('know each other by certificate', async () => {
    const port = await server('-Verify', '1', '-verify_return_error', '-CAfile', alice.ca)
    const certificate = ['--cert', alice.cert, '--key', alice.key]
    expect(await ask(port, '--ca', own.ca, ...certificate)).toMatchObject({
      code: 0,
      stdout: 'cba\n',
    })
    const nobody = await ask(port, '--ca', own.ca)
    expect(nobody.code).toBe(6)
    expect(nobody.stderr).toContain('it lets in only clients that show a certificate')
  })

  it('choose the certificate by the name that was asked for', async () => {
    const other = files('other', await certificateFor(['other.example']))
    const names = ['-servername', 'other.example', '-cert2', other.cert, '-key2', other.key]
    const port = await server(...names)
    const argv = ['--tls-name', 'other.example', '--ca', other.ca]
    expect(await ask(port, ...argv)).toMatchObject({ code: 0, stdout: 'cba\n' })
    const unasked = await ask(port, ...argv, '--sni', 'localhost', '--show-cert')
    expect(unasked.code).toBe(6)
    expect(unasked.stdout).toContain('CN=localhost')
  })

  it('agree on no version that is too old', async () => {
    const port = await server('-tls1_2')
    const outcome = await ask(port, '--ca', own.ca, '--tls-min', '1.3')
    expect(outcome.code).toBe(6)
    expect(outcome.stderr).toContain('it does not speak a version of TLS that we offer')
  })
})

describe.skipIf(!hasPeer('curl'))('serve --tls and curl', () => {
  it('speak https, and plain http has an answer', async () => {
    const reply = 'HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nok\\n'
    const { server, port, ca } = await serveTls(['--reply', reply, ':0'])
    const curl = (...argv: string[]) => run('curl', ['-sS', '--noproxy', '*', ...argv])
    const answer = await curl('--cacert', ca, `https://localhost:${port}/`)
    expect(answer.stdout).toBe('ok\n')
    const plain = await curl('-w', '%{http_code}', `http://localhost:${port}/`)
    expect(plain.stdout).toBe('This port speaks TLS: use https:// in place of http://\n400')
    await server.says('stderr', /closed \S+: speaks plain HTTP, not TLS: it needs https:\/\//)
    await expect(curl('--cacert', own.ca, `https://localhost:${port}/`)).rejects.toThrow(
      /certificate/,
    )
    await server.says('stderr', /does not trust our CA \(alert unknown ca\)/)
  })
})

describe.skipIf(!hasPeer('stunnel4'))('stunnel', () => {
  async function stunnel(lines: readonly string[]): Promise<number> {
    const port = await freePort()
    const config = join(folder, `stunnel-${port}.conf`)
    const global = ['foreground = yes', 'pid =', 'debug = 5', '[test]']
    const all = [...global, `accept = 127.0.0.1:${port}`, ...lines]
    writeFileSync(config, `${all.join('\n')}\n`)
    await startPeer(['stunnel4', config], /Configuration successful/)
    return port
  }

  it('in front of a plain server is one to connect to', async () => {
    const plain = await servePlain([])
    const port = await stunnel([
      `connect = 127.0.0.1:${plain.port}`,
      `cert = ${own.cert}`,
      `key = ${own.key}`,
    ])
    const argv = ['connect', `tls://127.0.0.1:${port}`, '--ca', own.ca]
    const data = 'sockctl\n'.repeat(200_000)
    expect(await sockctl(argv, { stdin: data })).toMatchObject({ code: 0, stdout: data })
  })

  it('in front of a plain client leads to serve --tls', async () => {
    const { server, port, ca } = await serveTls([':0'])
    const plain = await stunnel([
      'client = yes',
      `connect = 127.0.0.1:${port}`,
      'verifyChain = yes',
      `CAfile = ${ca}`,
      'checkHost = localhost',
    ])
    const outcome = await sockctl(['connect', `127.0.0.1:${plain}`], { stdin: 'hello' })
    expect(outcome).toMatchObject({ code: 0, stdout: 'hello' })
    await server.says('stderr', /#1 close .*in 5 B {2}out 5 B .*FIN by peer/)
  })
})

describe.skipIf(!hasPeer('python3'))('serve --tls and Python', () => {
  it('part in good order, though it sends no close_notify', async () => {
    const { server, port, ca } = await serveTls(['--discard', ':0'])
    const script = `
import socket, ssl
context = ssl.create_default_context(cafile=${JSON.stringify(ca)})
# With 1.3 it would leave the session tickets unread, which makes its close a reset.
context.maximum_version = ssl.TLSVersion.TLSv1_2
with socket.create_connection(('127.0.0.1', ${port})) as plain:
    with context.wrap_socket(plain, server_hostname='localhost') as secure:
        secure.sendall(b'all there is')`
    await run('python3', ['-c', script])
    await server.says('stderr', /#1 close .*in 12 B .*FIN by peer/)
  })
})

describe.skipIf(!canRunPostgres())('connect --starttls and PostgreSQL', () => {
  it('see its certificate, and begin to talk', async () => {
    const pg = files('pg', await certificateFor())
    for (const path of [pg.cert, pg.key]) chownSync(path, NOBODY, NOBODY)
    const { port } = await startPostgres(folder, {
      ssl: 'on',
      ssl_cert_file: pg.cert,
      ssl_key_file: pg.key,
    })

    const argv = ['connect', `127.0.0.1:${port}`, '--starttls', 'postgres', '--ca', pg.ca]
    const shown = await sockctl([...argv, '--show-cert'])
    expect(shown.stdout).toMatch(/subject {2}CN=localhost[\s\S]*\nverified\n$/)
    expect(shown.code).toBe(0)
    // A StartupMessage of alice; the answer begins with AuthenticationOk.
    const startup = `00000014 00030000 ${Buffer.from('user\0alice\0\0').toString('hex')}`
    const talked = await sockctl([...argv, '--send-hex', startup, '--expect', '^R'])
    expect(talked.code).toBe(0)
  }, 60_000)
})
