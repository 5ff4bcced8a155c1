import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { certificateFor } from '../support/certificates.ts'
import { endDaemonsAfterEach, portForDaemon, startDaemon } from '../support/daemon.ts'
import { hasPeer } from '../support/peers.ts'
import { readAll } from '../support/read-all.ts'
import { dialRaw, endSessionsAfterEach, newFolder } from '../support/serve-session.ts'
import { type Sockctl, sockctl, startServe } from '../support/sockctl.ts'
import { closeServersAfterEach, tcpServer } from '../support/tcp-server.ts'
import { startTlsServe } from '../support/tls-serve.ts'

endDaemonsAfterEach()
endSessionsAfterEach()
closeServersAfterEach()

const run = promisify(execFile)
const LOGIN = { env: { LOGIN: 'me:secret' } }
const running: Sockctl[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one[Symbol.asyncDispose]()
})

/** A server that greets and ends. */
async function greeting(): Promise<number> {
  return (await tcpServer(socket => socket.resume().end('hello\n'))).port
}

async function tlsServe(...argv: readonly string[]) {
  const started = await startTlsServe(argv, LOGIN)
  running.push(started.server)
  return started
}

async function plainServe(...argv: readonly string[]) {
  const started = await startServe(argv, LOGIN)
  running.push(started.server)
  return started
}

describe('connect --proxy https://, and serve --tls --http-proxy', () => {
  let proxy: Awaited<ReturnType<typeof tlsServe>>
  let url: string
  beforeEach(async () => {
    proxy = await tlsServe('--http-proxy', ':0')
    url = `https://localhost:${proxy.port}`
  })

  const ask = (target: number | string, ...more: readonly string[]) =>
    sockctl(['connect', '-d', `localhost:${target}`, ...more], LOGIN)

  it('go through it', async () => {
    const target = await greeting()
    const outcome = await ask(target, '-x', url, '--proxy-ca', proxy.ca, '-v')
    expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' })
    // How it is reached is no fact about the target.
    expect(outcome.stderr).toMatch(
      new RegExp(`connected to tcp://localhost:${target} through ${url} from \\S+  proxy ${url}\n`),
    )
    await proxy.server.says('stderr', /#1 open .*tls 1\.3, cipher \w+, sni localhost\n/)
  })

  it('by the name of a variable of the environment', async () => {
    const argv = ['connect', '-d', `localhost:${await greeting()}`, '-x', 'env']
    const env = { ALL_PROXY: url }
    const outcome = await sockctl([...argv, '--proxy-ca', proxy.ca], { env })
    expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' })
  })

  it('carry TLS in TLS, to the end of each direction', async () => {
    const echo = await tlsServe('--echo', ':0')
    const args = ['-x', url, '--proxy-ca', proxy.ca, '--ca', echo.ca]
    const input = Buffer.alloc(3_000_000, 'abcdefg')
    const outcome = await sockctl(['connect', `tls://localhost:${echo.port}`, ...args], {
      stdin: input,
    })
    expect(outcome.stderr).toBe('')
    expect(outcome.code).toBe(0)
    expect(Buffer.from(outcome.stdout).equals(input)).toBe(true)
    const seen = await sockctl(['connect', '-v', `tls://localhost:${echo.port}`, ...args])
    expect(seen.stderr).toMatch(
      /connected to tls:\S+ through https:\S+ from .*proxy https:\S+, tls 1/,
    )
  })

  it('do not trust it by chance', async () => {
    const target = await greeting()
    const stranger = await ask(target, '-x', url)
    expect(stranger).toMatchObject({ code: 6, stdout: '' })
    expect(stranger.stderr).toMatch(
      /cannot connect to tcp:\S+ through https:\S+: cannot trust the proxy: .*\n.*--proxy-ca <file.*\n.*: --proxy-insecure\n/,
    )
    expect(stranger.stderr).not.toMatch(/--(ca|insecure|show-cert)/)
    // What one trusts for the target says nothing about the proxy.
    expect((await ask(target, '--tls', '-x', url, '--ca', proxy.ca)).code).toBe(6)
    const daring = await ask(target, '-x', url, '--proxy-insecure')
    expect(daring).toMatchObject({ code: 0, stdout: 'hello\n' })
    expect(daring.stderr).toMatch(/^not verified \(--proxy-insecure\): cannot trust the proxy: /)
  })

  it('tell the proxy and the target apart', async () => {
    const trust = ['--proxy-ca', proxy.ca]
    const nobody = await portForDaemon()
    const refused = await ask(nobody, '-x', url, ...trust)
    expect(refused).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('the proxy says: 502'),
    })
    const gone = await ask(await greeting(), '-x', `https://localhost:${nobody}`, ...trust)
    expect(gone).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`cannot reach the proxy at tcp://localhost:${nobody}`),
    })
    // The target's certificate, by the options of the target.
    const echo = await tlsServe('--echo', ':0')
    const unknown = await ask(echo.port, '--tls', '-x', url, ...trust)
    expect(unknown).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/cannot trust tls:\S+: .*\n.*--ca <file/),
    })
  })

  it('ask for a user and password', async () => {
    const guarded = await tlsServe('--http-proxy', '--proxy-auth', 'env:LOGIN', ':0')
    const at = ['-x', `https://localhost:${guarded.port}`, '--proxy-ca', guarded.ca]
    const target = await greeting()
    expect(await ask(target, ...at, '--proxy-auth', 'env:LOGIN')).toMatchObject({ code: 0 })
    expect(await ask(target, ...at)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('407'),
    })
  })

  it('serve --forward goes through it', async () => {
    const to = ['--forward', `localhost:${await greeting()}`]
    const forward = await plainServe(':0', ...to, '-x', url, '--proxy-ca', proxy.ca)
    expect(String(await readAll(await dialRaw(forward.port)))).toBe('hello\n')
    const distrustful = await plainServe(':0', ...to, '-x', url)
    await readAll(await dialRaw(distrustful.port)).catch(() => {})
    await distrustful.server.says('stderr', /cannot trust the proxy/)
  })
})

describe('connect --proxy https://', () => {
  it('says where a proxy is not spoken to under TLS', async () => {
    const { port } = await plainServe(':0', '--http-proxy')
    const outcome = await sockctl(['connect', '-x', `https://localhost:${port}`, 'localhost:1'])
    expect(outcome.code).toBe(6)
    expect(outcome.stderr).toMatch(/no TLS with the proxy: .*\n.*write http:\/\/ in place of https/)
    expect(outcome.stderr).not.toMatch(/--tls|--starttls/)
  })

  it('says whom the certificate is for', async () => {
    const folder = newFolder()
    const { cert, key, ca } = await certificateFor(['proxy.example'])
    for (const [name, text] of Object.entries({ cert, key, ca })) {
      writeFileSync(`${folder}/${name}`, text, { mode: 0o600 })
    }
    const own = ['--tls', '--cert', `${folder}/cert`, '--key', `${folder}/key`]
    const { port } = await plainServe(':0', '--http-proxy', ...own)
    const at = ['-x', `https://localhost:${port}`, '--proxy-ca', `${folder}/ca`]
    const outcome = await sockctl(['connect', 'localhost:1', ...at])
    expect(outcome.code).toBe(6)
    expect(outcome.stderr).toMatch(
      /not for localhost, but for proxy\.example\n.*--proxy https:\/\/proxy\.example/,
    )
  })

  it('gives a silent one up when the time is over', async () => {
    const { port } = await tcpServer(() => {})
    const argv = ['connect', '-x', `https://localhost:${port}`, 'localhost:1', '-w', '300ms']
    const outcome = await sockctl(argv)
    expect(outcome.code).toBe(5)
    expect(outcome.stderr).toContain('the proxy has not answered in')
  })

  it.each([
    ['--proxy-ca', '/nowhere'],
    ['--proxy-insecure'],
    ['-x', 'http://localhost:1', '--proxy-insecure'],
  ])('is what %s goes with', async (...argv) => {
    const outcome = await sockctl(['connect', 'localhost:1', ...argv])
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/--proxy-(ca|insecure) goes with --proxy https:/)
  })

  it.skipIf(!hasPeer('stunnel4') || !hasPeer('tinyproxy'))(
    'goes through tinyproxy behind stunnel',
    async () => {
      const [folder, plain, secure] = [newFolder(), await portForDaemon(), await portForDaemon()]
      const { cert, key, ca } = await certificateFor()
      writeFileSync(`${folder}/pem`, `${key}\n${cert}`, { mode: 0o600 })
      writeFileSync(`${folder}/ca`, ca)
      writeFileSync(`${folder}/tinyproxy`, `Listen 127.0.0.1\nPort ${plain}\nBasicAuth me secret\n`)
      writeFileSync(
        `${folder}/stunnel`,
        `foreground = yes\npid =\n[proxy]\naccept = 127.0.0.1:${secure}\nconnect = 127.0.0.1:${plain}\ncert = ${folder}/pem\n`,
      )
      await startDaemon(['tinyproxy', '-d', '-c', `${folder}/tinyproxy`], plain)
      await startDaemon(['stunnel4', `${folder}/stunnel`], secure)
      const at = ['-x', `https://env:LOGIN@localhost:${secure}`, '--proxy-ca', `${folder}/ca`]
      const through = (to: string) => sockctl(['connect', '-d', to, ...at], LOGIN)
      expect(await through(`127.0.0.1:${await greeting()}`)).toMatchObject({
        code: 0,
        stdout: 'hello\n',
      })
      expect(await through('127.0.0.1:1')).toMatchObject({
        code: expect.toBeOneOf([4, 6]),
        stderr: expect.stringContaining('the proxy says: 5'),
      })
    },
  )
})

describe.skipIf(!hasPeer('curl'))('curl --proxy https://', () => {
  it('goes through serve --tls --http-proxy', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello'
    const web = await tcpServer(socket => socket.once('data', () => socket.end(answer)))
    const { port, ca } = await tlsServe('--http-proxy', ':0')
    const curl = (...argv: string[]) =>
      run('curl', ['-sS', '-p', '-x', `https://localhost:${port}`, ...argv])
    const target = `http://127.0.0.1:${web.port}/`
    expect((await curl('--proxy-cacert', ca, target)).stdout).toBe('hello')
    await expect(curl(target)).rejects.toThrow('SSL certificate')
    // TLS in TLS.
    const secure = await tlsServe('--reply', answer.replaceAll('\r\n', '\\r\\n'), ':0')
    const inside = [
      '--proxy-cacert',
      ca,
      '--cacert',
      secure.ca,
      `https://localhost:${secure.port}/`,
    ]
    expect((await curl(...inside)).stdout).toBe('hello')
  })
})
